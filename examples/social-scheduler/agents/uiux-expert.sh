#!/bin/sh
# One plain page a feature: a heading, a main part, a label for each field.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/design/screens
while read -r feature; do
  title=$(echo "$feature" | tr _ ' ')
  cat > "out/social/design/screens/$feature.html" <<PAGE
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>$title</title></head>
<body>
<a href="#content">Skip to content</a>
<main id="content">
<h1>$title</h1>
<form><label for="text">Text</label> <input id="text" name="text"> <button>Save</button></form>
</main>
</body>
</html>
PAGE
  echo "  screen: $title"
done < out/social/product/features.txt

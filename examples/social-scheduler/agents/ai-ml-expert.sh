#!/bin/sh
# Two tasks: choose an approach from the table of models; later, suggest hours and tags from history.
. examples/social-scheduler/agents/lib.sh
begin
case $(task_name) in
  suggestions)
    mkdir -p out/social/data
    # For each network the hour with the best share of likes, among hours with at least two posts; and its two best tags.
    rows examples/social-scheduler/data/history.tsv | awk -F '\t' '
      { key = $1 SUBSEP $2; seen[key] += $3; liked[key] += $4; posts[key]++; tag_seen[$1, $5] += $3; tag_liked[$1, $5] += $4; networks[$1] = 1; tags[$5] = 1 }
      END {
        for (network in networks) {
          best = -1
          for (hour = 0; hour < 24; hour++) { key = network SUBSEP hour; if (posts[key] >= 2 && liked[key] / seen[key] > best) { best = liked[key] / seen[key]; at = hour } }
          first = second = ""; one = two = -1
          for (tag in tags) if (tag_seen[network, tag]) {
            rate = tag_liked[network, tag] / tag_seen[network, tag]
            if (rate > one) { two = one; second = first; one = rate; first = tag } else if (rate > two) { two = rate; second = tag }
          }
          printf "%s\t%02d:00\t%.1f %%\t%s %s\n", network, at, 100 * best, first, second
        }
      }' | sort > out/social/data/suggestions.tsv
    cat out/social/data/suggestions.tsv ;;
  *)
    mkdir -p out/social/research
    # 500,000 suggestions a month; an approach must be good enough (80) and is then judged by price and time.
    rows examples/social-scheduler/data/models.tsv | awk -F '\t' '
      BEGIN { print "# Suggestions by a model\n\n| approach | USD a month | quality | weeks | verdict |\n|---|---:|---:|---:|---|" }
      { cost = $2 * 500; good = $3 >= 80; score = good ? cost + 400 * $4 : 1e9; if (best == "" || score < least) { least = score; best = $1; price = cost }
        print "| " $1 " | " cost " | " $3 " | " $4 " | " (good ? "possible" : "not good enough") " |" }
      END { print "\nChosen: **" best "**."; print best "\t" price > "out/social/research/.chosen" }' > out/social/research/ai.md
    hand_on approach "$(cut -f 1 out/social/research/.chosen)"
    hand_on monthly_cost "$(cut -f 2 out/social/research/.chosen)"
    rm out/social/research/.chosen ;;
esac

//! The terminal while the full screen has it: taken, and given back as it was, whatever ends us.
//!
//! Every frame is one write between the marks of a synchronised update, so that nothing flickers and a slow line is not asked for
//! more than it can carry.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use ratatui::crossterm::{execute, queue};
use ratatui::layout::Rect;

/// Room for a whole frame of a large window.
const FRAME: usize = 256 << 10;

/// Presses and the wheel, told in the form that knows wide windows (xterm, modes 1000 and 1006). Not every movement: nobody asks
/// for them here, and over a slow line each costs.
const MOUSE: (&str, &str) = ("\u{1b}[?1000h\u{1b}[?1006h", "\u{1b}[?1006l\u{1b}[?1000l");

/// The screen that is drawn on.
pub(super) type Drawn = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Holds the terminal; gives it back when it is dropped.
pub(super) struct Held {
    drawn: Drawn,
    screen: Screen,
}

/// Whose screen it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Screen {
    Ours,
    GivenBack,
}

impl Held {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It refuses: it is no terminal, or it is gone.
    pub(super) fn take() -> io::Result<Held> {
        restore_on_panic();
        enter()?;
        let drawn = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME, io::stdout())));
        drawn.map(|drawn| Held { drawn, screen: Screen::Ours }).inspect_err(|_| leave())
    }

    /// Draws one frame, and sends `behind` with it.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn draw(&mut self, behind: &str, render: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        queue!(self.drawn.backend_mut(), BeginSynchronizedUpdate)?;
        self.drawn.draw(render)?;
        execute!(self.drawn.backend_mut(), EndSynchronizedUpdate, Print(behind))
    }

    /// Writes something that moves nothing: the bell, a notice.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let backend = self.drawn.backend_mut();
        backend.write_all(text.as_bytes())?;
        Write::flush(backend)
    }

    /// Shows the screen as it was before. Keys stay ours until this is dropped.
    pub(super) fn give_back_the_screen(&mut self) {
        show_as_before();
        self.screen = Screen::GivenBack;
    }

    /// Stops this process as Ctrl-Z does, the terminal being its shell's meanwhile, and takes it again.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        leave();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.again()
    }

    /// Takes the terminal anew after somebody else had it.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn again(&mut self) -> io::Result<()> {
        let _ = disable_raw_mode();
        enter()?;
        // Not `clear`, which asks the terminal where its cursor is: whoever reads keys would take the answer.
        let size = self.drawn.size()?;
        self.drawn.resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.screen == Screen::Ours {
            show_as_before();
        }
        let _ = disable_raw_mode();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, Print(MOUSE.0), EnableBracketedPaste, Hide)
}

/// As it was. A terminal that is gone needs nothing.
fn leave() {
    show_as_before();
    let _ = disable_raw_mode();
}

fn show_as_before() {
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        Print(MOUSE.1),
        LeaveAlternateScreen,
        Show
    );
}

/// A panic's words must be readable, and come to a terminal that works.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            before(panic);
        }));
    });
}

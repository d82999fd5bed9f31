"""Where everything stands on the screen. A string, so that it is found from inside a zip too."""

CSS = """
* {
    scrollbar-size-vertical: 1;
}

#body {
    height: 1fr;
}

#fleet {
    height: 1fr;
}

#side.-auto {
    height: auto;
}

#side.-auto #fleet {
    height: auto;
    max-height: 42vh;
}

#welcome {
    height: 1fr;
    padding: 1 3;
}

#help {
    width: 78;
    max-width: 96%;
    height: auto;
    max-height: 92%;
    padding: 0 1;
    border: round ansi_bright_black;
    border-title-color: ansi_cyan;
    border-subtitle-color: ansi_default;
    background: ansi_default;
}

#help Static {
    height: auto;
}

HelpScreen {
    align: center middle;
}

Toast {
    max-width: 50%;
    padding: 0 1;
    margin-top: 0;
}

CommandPalette SearchIcon {
    display: none;
}
"""

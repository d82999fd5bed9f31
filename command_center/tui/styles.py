"""Where everything stands on the screen. A string, so that it is found from inside a zip too."""

CSS = """
* {
    scrollbar-size-vertical: 1;
}

#body {
    height: 1fr;
    layout: vertical;
}

#side {
    height: auto;
}

#fleet {
    height: auto;
    max-height: 42vh;
}

#filter {
    dock: bottom;
    height: 1;
    border: none;
    padding: 0 1;
    background: transparent;
}

#stage {
    height: 1fr;
    border-top: solid ansi_bright_black;
}

#stage.-typing {
    border-top: solid ansi_cyan;
}

#welcome {
    height: 1fr;
    padding: 1 3;
}

.-zoomed #side, #side.-new {
    display: none;
}

.-wide #body {
    layout: horizontal;
    border-top: solid ansi_bright_black;
}

.-wide #side {
    width: 46%;
    height: 1fr;
}

.-wide #fleet {
    height: 1fr;
    max-height: 100%;
}

.-wide #stage {
    border-top: none;
    border-left: solid ansi_bright_black;
}

.-wide.-zoomed #stage {
    border-left: none;
}

.-wide #stage.-typing {
    border-left: solid ansi_cyan;
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
    max-width: 60;
}

CommandPalette SearchIcon {
    display: none;
}
"""

"""A browser in words, from what it says of itself; its version and the rest are not kept."""

import re

# In this order: each also names those after it.
BROWSERS = [
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bChromium/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
]
SYSTEMS = [
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
]


def in_words(user_agent):
    """The browser and its system, as "Firefox, Windows"; "" when neither is known."""
    found = [
        next((name for name, pattern in known if re.search(pattern, user_agent)), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found))


def browser_of(request):
    """The browser that a request comes from, in words."""
    return in_words(request.headers.get("User-Agent", ""))

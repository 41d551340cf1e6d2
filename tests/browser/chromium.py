"""Chromium without a screen, in a profile of its own, by selenium and the DevTools protocol."""
import base64
import contextlib
import importlib.util
import json
import os
import pathlib
import shutil
import tempfile

CHECKS = (pathlib.Path(__file__).with_name("checks.js")).read_text()
WAIT_S = 20
SHOT_MAX_PX = 4000


def missing():
    """Why there is no browser, or None."""
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if not shutil.which(program):
            return f"{program} is not installed (Debian: {package})"
    if not importlib.util.find_spec("selenium"):
        return "selenium is not installed (Debian: python3-selenium)"
    return None


class Browser:
    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        self._profile = tempfile.mkdtemp(prefix="browser-test-")
        options.binary_location = shutil.which("chromium")
        for flag in ("headless=new", f"user-data-dir={self._profile}", "hide-scrollbars", "no-first-run",
                     "disable-dev-shm-usage", "disable-gpu", "disable-background-networking",
                     "disable-component-update", "disable-extensions"):
            options.add_argument(f"--{flag}")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium refuses to start as root with one
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(shutil.which("chromedriver"), log_path=os.devnull)
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.set_script_timeout(WAIT_S)
        self._shown = None

    def close(self):
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)

    def cdp(self, method, **parameters):
        return self.driver.execute_cdp_cmd(method, parameters)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition, *arguments):
        """Until the expression is true; raises after WAIT_S."""
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"const look = () => ({condition}) ? done() : requestAnimationFrame(look);"
            "look();", *arguments)

    def look(self, width=1440, scheme="light", media="screen"):
        """Settled: two frames were drawn, so that what watches sizes has done its work."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=740 if width < 500 else 900,
                 deviceScaleFactor=1, mobile=width < 500)
        self.cdp("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.wait("document.documentElement.clientWidth === arguments[0]"
                  " && matchMedia(arguments[1]).matches && matchMedia(`(prefers-color-scheme: ${arguments[2]})`).matches",
                  width, media, scheme)
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));")

    def open(self, page, **how):
        """Anew, as it is in the file; what was logged before is forgotten."""
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.driver.get(page.as_uri() + how.pop("anchor", ""))
        self._shown = page
        self.look(**how)

    def show(self, page, **how):
        """For those who only look: loaded when it is not there yet."""
        if self._shown == page:
            self.look(**how)
        else:
            self.open(page, **how)

    def touched(self):
        """The page was changed: the next show() loads it again."""
        self._shown = None

    def check(self, name, *arguments):
        """What checks.js finds wrong."""
        return self.run(f"{CHECKS}\nreturn checks.{name}(...arguments);", *arguments)

    def console(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The addresses asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def shot(self, path):
        width, height = self.run("return [innerWidth, document.scrollingElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, SHOT_MAX_PX), "scale": 1}
        data = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))

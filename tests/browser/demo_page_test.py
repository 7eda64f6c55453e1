"""The page of `demo` in a real browser, without a window; needs Debian's chromium and
chromium-driver, so that `bazel test //...` leaves it out and `.ci/run` asks for it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# Only a hang is to meet it.
_SECONDS = 300


@pytest.fixture(scope="module")
def url():
    """The address of the page of the model in the wheel, in a process of its own."""
    code = "from pipeline.commands import start; start.run('demo')"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--model=digits", "--port=0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    finally:
        process.kill()


@pytest.fixture
def browser(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # where a browser keeps its notes
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for word in ("headless=new", "no-sandbox", "disable-dev-shm-usage"):
        options.add_argument(f"--{word}")
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    # Named, so that nothing looks for one in the net.
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def _until(browser, condition):
    changing = [StaleElementReferenceException]  # the page was changed in between
    wait = WebDriverWait(browser, _SECONDS, 0.2, ignored_exceptions=changing)
    return wait.until(lambda _: condition())


def _sources(browser) -> list[str]:
    pictures = browser.find_elements(By.CSS_SELECTOR, ".pictures img")
    return [picture.get_attribute("src") for picture in pictures]


def _has_text(browser, text: str) -> bool:
    return text in browser.find_element(By.TAG_NAME, "body").text


def _asked_of_others(browser, url: str) -> set[str]:
    """Returns the machines that the page asked for anything, but for its own."""
    messages = [json.loads(e["message"]) for e in browser.get_log("performance")]
    messages = [each["message"] for each in messages]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    parts = [urllib.parse.urlsplit(each["request"]["url"]) for each in sent]
    net = {
        part.netloc for part in parts if part.scheme in ("http", "https", "ws", "wss")
    }
    own = urllib.parse.urlsplit(url).netloc
    assert own in net
    return net - {own}


def test_it_opens_samples_and_changes_with_a_control(browser, url):
    browser.get(url)
    _until(browser, lambda: _has_text(browser, "step 30 of 30"))
    first = _sources(browser)
    assert len(first) == 16 and len(set(first)) == 16
    steps = browser.find_element(By.CSS_SELECTOR, 'input[aria-label="Steps"]')
    steps.send_keys(Keys.CONTROL, "a")
    steps.send_keys("9")
    _until(browser, lambda: _has_text(browser, "step 9 of 9"))
    assert set(_sources(browser)).isdisjoint(first)
    steps.send_keys(Keys.CONTROL, "a")
    steps.send_keys("-9")
    _until(browser, lambda: _has_text(browser, "`num_steps` must be at least 1"))
    assert _asked_of_others(browser, url) == set()


def test_a_mask_is_drawn_and_filled_in(browser, url):
    browser.set_window_size(400, 900)
    browser.get(url)
    _until(browser, lambda: _has_text(browser, "step 30 of 30"))
    width = "return document.documentElement.scrollWidth - innerWidth"
    assert browser.execute_script(width) <= 0  # nothing is beyond the edge
    picture = browser.find_elements(By.CSS_SELECTOR, ".pictures img")[3]
    browser.execute_script("arguments[0].click()", picture)
    find = (By.CSS_SELECTOR, ".painter")
    _until(browser, lambda: browser.find_elements(*find))
    before, painter = _sources(browser), browser.find_element(*find)
    ActionChains(browser).scroll_to_element(painter).perform()
    drag = ActionChains(browser).move_to_element_with_offset(painter, -70, 30)
    drag.click_and_hold().move_by_offset(140, 20).release().perform()
    _until(browser, lambda: _has_text(browser, "step 30 of 30"))
    _until(browser, lambda: set(_sources(browser)).isdisjoint(before))
    assert _has_text(browser, "3 corrections at each noise level")

"""Make ``.venv`` from the lock, with nothing but a Python: ``python3 tools/bootstrap.py`` (or ``make setup``).

Standard library only. It must work where neither pip nor ensurepip is installed (a bare Debian), so it fetches one wheel, pip's
own, from the package index and checks it against ``requirements.lock``; that pip installs the locked uv, and uv everything else.
Every file is held to a hash of the lock. Where uv has no build or cannot read the index, pip installs the same lock, slowly.

A stamp in ``.venv`` holds the hash of all that was installed from: the same again is nothing to do, another one updates in place.
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import hashlib
import html.parser
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK, PROJECT = ROOT / "requirements.lock", ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
PYTHON, STAMP = VENV / "bin" / "python", VENV / "kokunen.stamp"
OLDEST, NEWEST = (3, 11), (3, 13)
PYPI = "https://pypi.org/simple"


def say(text: str) -> None:
    print(f"[setup] {text}", file=sys.stderr, flush=True)


def fingerprint() -> str:
    """Hash of all that decides what is in ``.venv``: this Python, the lock, the project's description, this file, the place."""
    parts = [sys.version.encode(), str(ROOT).encode(), *(p.read_bytes() for p in (LOCK, PROJECT, Path(__file__)))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def locked(name: str) -> str:
    """The lock's own lines for one package: ``name==version`` and its hashes."""
    found = re.search(rf"^{name}==(?:.*\\\n)*.*\n", LOCK.read_text(encoding="utf-8"), re.M)
    if not found:
        raise SystemExit(f"[setup] {name} is not in {LOCK.name}")
    return found.group()


def pip_settings(env: dict[str, str]) -> dict[str, str]:
    """What pip was told about indexes, by file or environment (the environment wins): option -> value."""
    home = env.get("HOME", "")
    places = ["/etc", "/etc/xdg/pip", f"{home}/.pip", (env.get("XDG_CONFIG_HOME") or f"{home}/.config") + "/pip"]
    files = [*(f"{place}/pip.conf" for place in places), env.get("PIP_CONFIG_FILE", "")]
    config = configparser.RawConfigParser()
    config.read([f for f in files if f and f != os.devnull], encoding="utf-8")
    told = {k.replace("_", "-"): v for s in ("global", "install") if config.has_section(s) for k, v in config.items(s)}
    told.update({k[4:].lower().replace("_", "-"): v for k, v in env.items() if k.startswith("PIP_") and v})
    return told


def has_certificates() -> bool:
    """Whether this machine knows any certificate authority (a bare Debian has no ca-certificates)."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and any(os.scandir(paths.capath))))


def uv_environment(env: dict[str, str]) -> dict[str, str]:
    """The environment for uv: it knows nothing of pip's settings, must not fetch a Python, and trusts what this machine trusts."""
    told = pip_settings(env)
    wanted = {
        "UV_DEFAULT_INDEX": told.get("index-url"),
        "UV_INDEX": told.get("extra-index-url"),
        "UV_FIND_LINKS": ",".join(told.get("find-links", "").split()),
        "UV_INSECURE_HOST": told.get("trusted-host"),
        "SSL_CERT_FILE": told.get("cert"),
        "HTTPS_PROXY": told.get("proxy"),
        "UV_OFFLINE": "1" if told.get("no-index") in ("1", "true", "yes") else None,
        "UV_HTTP_TIMEOUT": told.get("default-timeout") or told.get("timeout"),
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # pip's own rule; safe, since the lock's hashes decide
        "UV_SYSTEM_CERTS": "1" if has_certificates() else None,  # else those that uv brings
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
    }
    return {**{k: " ".join(v.split()) for k, v in wanted.items() if v}, **env}


class Links(html.parser.HTMLParser):
    """The links of a page of the simple index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


def fetch_pip(folder: Path, env: dict[str, str]) -> Path:
    """pip's wheel from the first index that has it, held to the lock's hash."""
    lines, told = locked("pip"), pip_settings(env)
    version, hashes = re.split(r"[\s;\\]", lines.removeprefix("pip=="))[0], re.findall(r"sha256:(\w{64})", lines)
    trust = ssl.create_default_context(cafile=told.get("cert") or None)
    if not told.get("cert") and not has_certificates():
        trust = ssl._create_unverified_context()  # noqa: S323 - nothing is believed here: the lock's hash decides what is used
    proxy = [urllib.request.ProxyHandler({"http": told["proxy"], "https": told["proxy"]})] if told.get("proxy") else []
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust), *proxy)
    name = f"pip-{version}-py3-none-any.whl"
    for index in [told.get("index-url", PYPI), *told.get("extra-index-url", "").split()]:
        page = f"{index.rstrip('/')}/pip/" + ("index.html" if index.startswith("file:") else "")
        with contextlib.suppress(OSError):
            links = Links()
            links.feed(opener.open(page, timeout=60).read().decode())
            for link in links.found:
                if link.split("#")[0].endswith(name):
                    data = opener.open(urllib.parse.urljoin(page, link), timeout=60).read()
                    if hashlib.sha256(data).hexdigest() in hashes:
                        (folder / name).write_bytes(data)
                        return folder / name
    raise SystemExit(f"[setup] {name} を取得できません。pip の設定とネットワークを確認してください。 / no package index has it")


def make_venv() -> None:
    """An empty environment of this Python at this place (without pip: ensurepip is a package of its own on Debian)."""
    notes = VENV / "pyvenv.cfg"
    told = notes.read_text(encoding="utf-8").splitlines() if notes.exists() and PYTHON.exists() else []
    here = any(line.startswith("command = ") and line.endswith(f" {VENV}") for line in told)  # scripts hold the place's full name
    if not here or not (VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}").is_dir():
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, symlinks=True, with_pip=False)


def locked_uv(env: dict[str, str]) -> Path | None:
    """uv as it lies in ``.venv``, if it is the lock's version and runs here."""
    uv, version = VENV / "bin" / "uv", locked("uv").split()[0].removeprefix("uv==")
    if not uv.exists():
        return None
    told = subprocess.run([uv, "--version"], capture_output=True, text=True, env=env)
    return uv if told.returncode == 0 and version in told.stdout.split() else None


def install_uv(env: dict[str, str], folder: Path) -> Path | None:
    """pip and uv of the lock, into ``.venv``; None where uv cannot run here."""
    (folder / "pip.lock").write_text(locked("pip"), encoding="utf-8")
    (folder / "uv.lock").write_text(locked("uv"), encoding="utf-8")
    pip = [str(PYTHON), str(fetch_pip(folder, env) / "pip")]
    options = ["install", "-qq", "--no-deps", "--require-hashes", "--disable-pip-version-check", "--only-binary", ":all:", "-r"]
    subprocess.run([*pip, *options, str(folder / "pip.lock")], env=env, check=True)
    subprocess.run([*pip, *options, str(folder / "uv.lock")], env=env)
    return locked_uv(env)


def install(env: dict[str, str]) -> None:
    """Everything of the lock, then the project itself as it stands here, then bytecode (without it every start costs seconds).

    Nothing is resolved again (``--no-deps``): the lock is whole, and leaves out on purpose what pyproject.toml overrides.
    """
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    with tempfile.TemporaryDirectory(prefix="kokunen-setup-") as folder:
        uv = locked_uv(env) or install_uv(env, Path(folder))
    if uv:
        into = [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON)]
        everything = ["--exact", "--no-deps", "--require-hashes", "--compile-bytecode", "-r", str(LOCK)]
        done = subprocess.run([*into, *everything], env=uv_environment(env))
        if done.returncode == 0:
            subprocess.run([*into, *project], env={**uv_environment(env), "UV_OFFLINE": "1"}, check=True)
            return
        say("uv では入らないため pip で入れます（数分かかります） / falling back to pip, some minutes")
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(LOCK)], env=env, check=True)
    subprocess.run([*pip, *project], env=env, check=True)


def newest_fitting() -> str | None:
    """Another Python of this machine that fits, if the one that runs this does not."""
    return next(filter(None, (shutil.which(f"python3.{minor}") for minor in range(NEWEST[1], OLDEST[1] - 1, -1))), None)


def main() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        other = newest_fitting()
        if not other:
            raise SystemExit(f"[setup] Python 3.11–3.13 が必要です（これは {sys.version.split()[0]}）。 make PYTHON=… setup")
        os.execv(other, [other, *sys.argv])
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # two `make` at once: the second waits, then finds the stamp
    wanted = fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    began = time.monotonic()
    say(f"Python {sys.version.split()[0]} で .venv を用意します（初回は数分かかります） / preparing .venv")
    STAMP.unlink(missing_ok=True)
    make_venv()
    try:
        install(env)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"[setup] 失敗しました（{Path(error.cmd[0]).name}、終了コード {error.returncode}）。上の記録を確認してください。 / failed"
        ) from None
    STAMP.write_text(wanted)
    say(f"完了（{time.monotonic() - began:.0f} 秒） / ready")


if __name__ == "__main__":
    main()

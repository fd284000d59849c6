"""Tests of the proxies in docs/operating.md: they can be read, and do what it asks of a proxy."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tls import Certificate

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
WORD = re.compile(r"""'[^']*'|"[^"]*"|[{};]|[^\s{};'"]+""")


def example(language: str) -> str:
    """Return the only block in the language."""
    [block] = re.findall(rf"^```{language}\n(.*?)^```$", OPERATING, re.MULTILINE | re.DOTALL)
    return re.sub(r"\s#.*", "", block)


def directives(text: str) -> Iterator[list[str]]:
    """Yield nginx's directives, each with its arguments; fail if a brace is missing."""
    depth, words = 0, list[str]()
    for word in WORD.findall(text):
        depth += {"{": 1, "}": -1}.get(word, 0)
        assert depth >= 0
        if word in "{};":
            if words:
                yield words
            words = []
        else:
            words.append(word)
    assert (depth, words) == (0, [])


def test_nginx_does_what_is_asked_of_a_proxy() -> None:
    # when
    told = [" ".join(words) for words in directives(example("nginx"))]
    # then
    for wanted in (
        "ssl_protocols TLSv1.2 TLSv1.3",
        "return 301 https://$host$uri",
        "client_header_timeout 10s",
        "large_client_header_buffers 4 8k",
        "client_max_body_size 8m",
        "limit_conn addresses 200",
        "proxy_set_header X-Forwarded-For $remote_addr",
        "proxy_set_header Upgrade $http_upgrade",
        "proxy_buffering off",
    ):
        assert wanted in told


def test_nginx_writes_no_query_to_its_log() -> None:
    # given
    [log] = [words for words in directives(example("nginx")) if words[0] == "log_format"]
    # then
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", log[2])


def test_nginx_itself_accepts_the_example(tmp_path: Path) -> None:
    # given
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if nginx is None:
        pytest.skip("NGINX'S EXAMPLE IS READ BY US ALONE: there is no nginx here")
    certificate = Certificate(tmp_path, "recalls.example.org")
    text = example("nginx")
    text = text.replace("/etc/ssl/recalls.pem", str(certificate.path))
    text = text.replace("/etc/ssl/private/recalls.key", str(certificate.path.with_suffix(".key")))
    text = text.replace("/var/log/nginx", str(tmp_path))
    text = re.sub(r"listen (\d+)", rf"listen unix:{tmp_path}/\1", text)
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text += f"{kind}_temp_path {tmp_path}/{kind};\n"
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    # when
    ended = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    # then
    assert ended.returncode == 0, ended.stderr
    assert "[warn]" not in ended.stderr


def test_caddys_braces_match_and_it_sets_the_same_limits_as_nginx() -> None:
    # given
    text = example("caddy")
    # then
    assert text.count("{") == text.count("}")
    for wanted in ("max_header_size 32KB", "read_header 10s", "read_body 30s", "max_size 8MB"):
        assert wanted in text

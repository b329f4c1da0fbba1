"""The images as far as a machine without an engine can judge: linted, schema-checked, nobody runs as root."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
IMAGES = sorted(DOCKER.glob("*Dockerfile"))
COMPOSES = sorted(DOCKER.glob("compose*.yml"))


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_a_dockerfile_has_no_findings(image: Path) -> None:
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint is not installed: the Dockerfiles are not linted here")
    found = subprocess.run(
        [linter, "--failure-threshold", "warning", image], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_no_image_runs_as_root_and_each_has_a_health_check(image: Path) -> None:
    lines = image.read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] != "root"
    assert any(line.startswith("HEALTHCHECK") for line in lines)


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_every_copied_path_is_in_the_project(image: Path) -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", image.read_text(encoding="utf-8"), re.MULTILINE):
        for source in line.split()[:-1]:
            assert (DOCKER.parent / source).exists(), f"{image.name} copies {source}"


@pytest.mark.parametrize("compose", COMPOSES, ids=lambda path: path.name)
def test_every_service_drops_privileges_and_comes_back(compose: Path) -> None:
    services = yaml.safe_load(compose.read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        assert service["restart"] == "unless-stopped", name
        if name != "postgres":
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name


@pytest.mark.parametrize("compose", COMPOSES, ids=lambda path: path.name)
def test_every_volume_a_service_mounts_is_declared(compose: Path) -> None:
    content = yaml.safe_load(compose.read_text(encoding="utf-8"))
    mounted = {
        volume.split(":")[0] for service in content["services"].values() for volume in service.get("volumes", [])
    }
    assert mounted <= set(content["volumes"])


def test_compose_itself_accepts_the_files() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed: the compose files are checked by their shape only")
    secrets = {"POSTGRES_PASSWORD": "x" * 20, "LINLI_SECRET_KEY": "y" * 40, "LINLI_PUBLIC_URL": "https://example.org"}
    for files in (["compose.yml"], ["compose.postgres.yml"], ["compose.postgres.yml", "compose.city.yml"]):
        flags = [flag for name in files for flag in ("-f", str(DOCKER / name))]
        checked = subprocess.run(
            [program, *flags, "config", "--quiet"],
            env={"PATH": "/usr/bin:/bin", **secrets},
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr

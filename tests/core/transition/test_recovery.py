"""What a human does between a crash and the next start stands; recovery itself may be killed too."""

import os
from collections.abc import Iterator

import pytest

from tests.core.transition.kit import nothing_is_left_over, unlike
from tests.core.transition.test_crash import Scene, make_scene
from tests.harness.crash import Killer, killer
from tests.harness.repo import Repo
from tests.harness.sample import sampled


@pytest.fixture(scope="module")
def driver() -> Iterator[Killer]:
    with killer() as running:
        yield running


@pytest.fixture(scope="module")
def scene(driver: Killer, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(driver, str(tmp_path_factory.mktemp("recovery")), "restore")


def interrupted(driver: Killer, scene: Scene, step: int) -> Repo:
    repo = scene.copy()
    assert driver.run(repo.root, kill_at=step, **scene.action)["killed"]
    return repo


def test_recovery_killed_at_any_step_is_finished_by_the_one_after(driver: Killer, scene: Scene) -> None:
    half = scene.steps // 2
    trial = interrupted(driver, scene, half)
    steps = driver.run(trial.root, "recover", after_intent=False)["steps"]
    assert trial.state() == scene.after
    for step in sampled(range(1, steps - 2), 7):  # how many objects exist already varies a little
        repo = interrupted(driver, scene, half)
        assert driver.run(repo.root, "recover", after_intent=False, kill_at=step)["killed"]
        driver.run(repo.root, "recover")
        assert repo.state() == scene.after, (step, unlike(repo.state(), scene.after))
        nothing_is_left_over(repo)
        scene.drop(repo)


def test_a_file_edited_after_the_crash_stays_and_is_named(driver: Killer, scene: Scene) -> None:
    for step in sampled(range(12, scene.steps // 2), 4):
        repo = interrupted(driver, scene, step)
        repo.write("README.md", "typed after the crash\n")
        answer = driver.run(repo.root, "recover")
        assert repo.read("README.md") == b"typed after the crash\n"
        assert ("error" not in answer and "README.md" in answer["notices"][0]) or not answer["notices"]
        nothing_is_left_over(repo)
        scene.drop(repo)


def test_what_was_staged_after_the_lock_was_removed_by_hand_stays(driver: Killer, scene: Scene) -> None:
    repo = interrupted(driver, scene, scene.steps // 2)
    os.unlink(repo.path(".git/index.lock"))
    repo.write("typed.txt", "after the crash\n")
    repo.git("add", "typed.txt")
    index = repo.state().index
    [notice] = driver.run(repo.root, "recover")["notices"]
    assert "taken back" in notice and "staged" in notice
    now = repo.state()
    assert now.index == index and now.refs == scene.before.refs
    assert now.files == {**scene.before.files, b"typed.txt": ("file", 0o644, b"after the crash\n")}
    nothing_is_left_over(repo)


def test_commits_made_after_the_crash_stay_on_their_branch(driver: Killer, scene: Scene) -> None:
    repo = interrupted(driver, scene, scene.steps // 2)
    os.unlink(repo.path(".git/index.lock"))
    assert repo.branch() == "work"
    repo.git("update-ref", "refs/heads/work", repo.git("commit-tree", "-p", "HEAD", "-m", "Mine", "HEAD^{tree}"))
    tip = repo.git("rev-parse", "work")
    [notice] = driver.run(repo.root, "recover")["notices"]
    assert "taken back" in notice and "refs/heads/work" in notice
    assert repo.git("rev-parse", "work") == tip
    assert repo.files() == scene.before.files
    assert driver.run(repo.root, "recover")["notices"] == []
    nothing_is_left_over(repo)


def test_a_foreign_lock_makes_recovery_wait_and_change_nothing(driver: Killer, scene: Scene) -> None:
    repo = interrupted(driver, scene, scene.steps // 2)
    lock = repo.path(".git/index.lock")
    with open(lock, "w") as file:
        file.write("another git")
    before = repo.state()
    assert "index.lock" in driver.run(repo.root, "recover")["error"]
    assert repo.state() == before
    with open(lock) as file:
        assert file.read() == "another git"
    os.unlink(lock)
    driver.run(repo.root, "recover")
    assert repo.state() == scene.after


def test_work_done_after_the_last_step_but_the_record_is_not_touched(driver: Killer, scene: Scene) -> None:
    step = scene.steps
    while True:  # the last step after which the intent still stands
        repo = interrupted(driver, scene, step)
        if os.listdir(repo.path(".git/safe-rollback/worktrees/main/intents")):
            break
        step -= 1
    assert repo.state() == scene.after
    repo.write("README.md", "typed after the crash\n")
    repo.git("rm", "-q", "--cached", "bin/run.sh")
    repo.git("branch", "mine")
    mine = repo.state()
    driver.run(repo.root, "recover")
    assert repo.state() == mine
    nothing_is_left_over(repo)

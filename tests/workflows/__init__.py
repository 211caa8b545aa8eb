"""Runs the workflows offline: act beside a fake GitHub, local stubs for the actions, real git.

How a test uses it:

    from workflows.events import pull_request

    pytest_plugins = ["workflows.fixtures"]      # brings the fixture `world`

    def test_it(world):
        pull = world.pull("ana", {"contributions/ana/videos.csv": b"..."})   # None deletes a file
        run = world.run("check.yml", pull_request(pull), at=pull["merge_commit_sha"])
        assert run.jobs == {"check": "success", "test": "skipped"}
        assert "Accepted" in run.log("check")
        assert world.github.comments[pull["number"]] == []

- `world.github` is the fake: plain REST objects in `pulls`, `issues`, `comments`, what was asked in
  `requests` (with the job that asked), what was dispatched in `dispatches`, and pages of any host
  in `pages` (`gh` and `curl` of a run reach nothing else). A job that lacks the permission in its
  workflow is answered 403, one without `GH_TOKEN` 401; so is the workflow of a fork, whatever it
  asks for, when it would write. `meanwhile` is called before each answer. `statuses` has what was
  said of a commit, the newest first; `satisfied` tells whether GitHub would take it for passed.
- `world.push(pull, files)` adds a commit to a pull request, `world.commit(files)` one to main.
- `world.origin` is our repository, bare; it has the pull requests too, and workflows reach it as
  `origin` after the stub of actions/checkout. `world.artifacts` is where uploads go.
- `run.jobs`, `run.log(job)`, `run.annotations`, `run.summary`, `run.outputs` and `run.check_json`
  say what happened.
- main begins with what a review needs; `world.begin_with("whole")` has all that makes a report.
  Where only the workflow is tested, `world.begin_with("echo")` leaves little but a command in the
  place of `review` that accepts everything and answers with its own words: that is quicker.
- Another action needs a folder `stubs/<owner>-<name>/action.yml`; another REST call needs a
  function in `calls.py` under `@route`, with the permission that GitHub asks for it.
"""

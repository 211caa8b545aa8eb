"""How well a video's new followers can be foretold: models against each other, on unseen videos."""

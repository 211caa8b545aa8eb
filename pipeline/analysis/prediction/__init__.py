"""How well a video's new followers can be predicted: models compared on unseen videos."""

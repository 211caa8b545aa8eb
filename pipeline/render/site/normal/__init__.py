"""Is a video normal?"""

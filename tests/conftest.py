"""What every room's tests share: how hard hypothesis searches."""

from hypothesis import settings

# No deadline: two cores are shared, and a slow example is no failure. A failing example prints how to replay it.
settings.register_profile("house", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("house")

"""The ladder that films are packaged by until an editor changes it."""

from django.db import migrations

# Name, width, height, bits a second, whether it is in use.
_LEVELS = (
    ("240p", 426, 240, 400_000, False),
    ("360p", 640, 360, 900_000, False),
    ("480p", 854, 480, 2_000_000, True),
    ("720p", 1280, 720, 5_000_000, True),
    ("1080p", 1920, 1080, 8_000_000, True),
    ("2160p", 3840, 2160, 20_000_000, False),
)


def set_the_ladder_up(apps, schema_editor):
    levels = apps.get_model("streaming", "QualityLevel").objects
    for name, width_px, height_px, bitrate_bps, is_enabled in _LEVELS:
        levels.create(
            name=name, width_px=width_px, height_px=height_px, bitrate_bps=bitrate_bps, is_enabled=is_enabled
        )


class Migration(migrations.Migration):
    dependencies = [("streaming", "0005_packages_jobs_levels")]

    operations = [migrations.RunPython(set_the_ladder_up, migrations.RunPython.noop)]

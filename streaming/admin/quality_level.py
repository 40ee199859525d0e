"""The ladder: which qualities films get."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action

from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from streaming.models import QualityLevel
from streaming.plan_lines import megabits
from streaming.services.quality_levels import create_quality_level, delete_quality_level, update_quality_level


@admin.register(QualityLevel)
class QualityLevelAdmin(TrailedAdmin):
    list_display = ("name", "size", "codec", "rate", "is_enabled")
    list_before_template = "admin/streaming/_ladder.html"
    ordering = ("-height_px", "-width_px", "codec")
    fields = ("name", "codec", "width_px", "height_px", "bitrate_bps", "is_enabled")
    actions = ("switch_on", "switch_off")
    action_labels: ClassVar = {
        "quality_level.created": gettext_lazy("Added"),
        "quality_level.updated": gettext_lazy("Changed"),
        "quality_level.deleted": gettext_lazy("Removed"),
    }

    @admin.display(description=gettext_lazy("Picture, at most"), ordering="height_px")
    def size(self, level: QualityLevel) -> str:
        return f"{level.width_px} × {level.height_px}"

    @admin.display(description=gettext_lazy("Bit rate, at most"), ordering="bitrate_bps")
    def rate(self, level: QualityLevel) -> str:
        return megabits(level.bitrate_bps)

    def save_model(self, request: HttpRequest, obj: QualityLevel, form: Any, change: bool) -> None:
        facts = {name: form.cleaned_data[name] for name in (form.changed_data if change else form.cleaned_data)}
        if change:
            update_quality_level(level_id=obj.pk, facts=facts, by=signed_in(request), at=clock.now())
        else:
            obj.pk = create_quality_level(facts=facts, by=signed_in(request), at=clock.now()).pk
        self._warn_if_nothing_plays_everywhere(request)

    @action(description=gettext_lazy("Use the selected levels"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[QualityLevel]) -> None:
        self._switch(request, queryset, is_enabled=True)

    @action(description=gettext_lazy("Stop using the selected levels"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[QualityLevel]) -> None:
        self._switch(request, queryset, is_enabled=False)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("streaming.delete_qualitylevel"))

    def delete_model(self, request: HttpRequest, obj: QualityLevel) -> None:
        delete_quality_level(level_id=obj.pk, by=signed_in(request), at=clock.now())
        self._warn_if_nothing_plays_everywhere(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[QualityLevel]) -> None:
        for level in queryset:
            delete_quality_level(level_id=level.pk, by=signed_in(request), at=clock.now())
        self._warn_if_nothing_plays_everywhere(request)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[QualityLevel]) -> None:
        """Leave it to the trail."""

    def _switch(self, request: HttpRequest, queryset: QuerySet[QualityLevel], *, is_enabled: bool) -> None:
        levels = list(queryset)
        for level in levels:
            facts = {"is_enabled": is_enabled}
            update_quality_level(level_id=level.pk, facts=facts, by=signed_in(request), at=clock.now())
        if is_enabled:
            text = ngettext("%(count)d level is in use.", "%(count)d levels are in use.", len(levels))
        else:
            text = ngettext(
                "%(count)d level is no longer in use.", "%(count)d levels are no longer in use.", len(levels)
            )
        messages.success(request, text % {"count": len(levels)})
        self._warn_if_nothing_plays_everywhere(request)

    def _warn_if_nothing_plays_everywhere(self, request: HttpRequest) -> None:
        in_use = set(QualityLevel.objects.filter(is_enabled=True).values_list("codec", flat=True))
        if not in_use:
            messages.warning(request, _("No level is in use: films get a small picture of 640 × 360 only."))
        elif QualityLevel.Codec.H264 not in in_use:
            messages.warning(request, _("No level of H.264 is in use: many devices will not play new films."))

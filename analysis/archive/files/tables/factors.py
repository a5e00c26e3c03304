"""Tables of what a plan asks of factors and items: means, bias, alignment, fit, reliability."""

from collections.abc import Iterator, Mapping

from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file
from analysis.compare.intervals import Interval
from analysis.compare.results import Comparison

TABLES = "results/tables"
FACTOR_MEANINGS: Mapping[str, str] = {
    "untold": "Code of the reason why there is no number; empty where there is one",
    "mean_difference": "Latent mean of the model less people's, in units of the first indicator",
    "mean_difference_lower": "Lower end of its interval",
    "mean_difference_upper": "Upper end of its interval",
    "mean_d": "The same in standard deviations of the factor, pooled over both groups",
    "mean_d_lower": "Lower end of its interval",
    "mean_d_upper": "Upper end of its interval",
    "mean_pvalue": "p-value of the difference; empty where p-values are withheld",
    "anchor": "Indicator that is taken to measure alike in people and model",
    "dmacs": "Bias of the indicator in its standard deviations (Nye & Drasgow 2011)",
    "shift": "What bias adds to the mean of the indicator in the model, in its own units",
    "alignment_method": "fixed: the people's mean is 0; free: it is estimated",
    "aligned_mean": "Mean of the factor after alignment, in units of the people's factor",
    "aligned_mean_lower": "Lower end of its interval",
    "aligned_mean_upper": "Upper end of its interval",
    "aligned_variance": "Variance of the factor after alignment, in the same units",
    "aligned_variance_lower": "Lower end of its interval",
    "aligned_variance_upper": "Upper end of its interval",
    "r2_loading": "Share of the loading's differences over groups that alignment explains",
    "r2_intercept": "Share of the intercept's differences over groups that alignment explains",
    "rmsea_t": "RMSEA that is not exceeded with 95 % confidence (T-size)",
    "rmsea_label": "Its label by Yuan et al. (2016)",
    "cfi_t": "CFI that is reached with 95 % confidence (T-size)",
    "cfi_label": "Its label by Yuan et al. (2016)",
    "indicator_count": "Indicators of the construct",
    **{
        f"{name}{end}": f"{words}{of}"
        for name, words in (
            ("omega", "McDonald's omega"),
            ("alpha", "Cronbach's alpha"),
            ("ave", "Average variance extracted"),
            ("htmt", "Heterotrait-monotrait ratio of correlations"),
        )
        for end, of in (
            ("", ""),
            ("_lower", ", lower end of its interval"),
            ("_upper", ", upper end of its interval"),
        )
    },
    "first_construct": "Key of one construct of a pair",
    "second_construct": "Key of the other",
}


def factor_files(comparison: Comparison) -> Iterator[ArchiveFile]:
    """The tables that there is something for."""
    if comparison.latent_means:
        yield _means(comparison)
    if comparison.item_bias:
        yield _bias(comparison)
    if comparison.alignment:
        yield _alignment(comparison)
        yield _aligned_indicators(comparison)
    if comparison.fit_sizes:
        yield _fit_sizes(comparison)
    if comparison.plan.measurement.reliability:
        yield _reliability(comparison)
        yield _htmt(comparison)


def _ends(name: str) -> tuple[str, str, str]:
    return name, f"{name}_lower", f"{name}_upper"


def _with_ends(
    value: float | None, interval: Interval | None
) -> tuple[float | None, float | None, float | None]:
    return (value, None, None) if interval is None else (value, interval.lower, interval.upper)


def _means(comparison: Comparison) -> ArchiveFile:
    header = [
        *("model", "group", "construct", *_ends("mean_difference"), *_ends("mean_d")),
        *("mean_pvalue", "untold"),
    ]
    rows = (
        [
            *(one.model, one.group, one.construct),
            *_with_ends(one.difference, one.difference_ci),
            *_with_ends(one.d, one.d_ci),
            *(one.pvalue, one.reason or ""),
        ]
        for one in comparison.latent_means
    )
    return csv_file(f"{TABLES}/latent_means.csv", header, rows)


def _bias(comparison: Comparison) -> ArchiveFile:
    header = ["model", "group", "construct", "indicator", "anchor", "dmacs", "shift", "untold"]
    rows = (
        [
            *(one.model, one.group, one.construct, one.indicator, one.anchor),
            *(one.size, one.shift, one.reason or ""),
        ]
        for one in comparison.item_bias
    )
    return csv_file(f"{TABLES}/item_bias.csv", header, rows)


def _alignment(comparison: Comparison) -> ArchiveFile:
    """One row per aligned group; a construct that was not aligned has one row that says why."""
    header = [
        *("model", "construct", "alignment_method", "group"),
        *_ends("aligned_mean"),
        *_ends("aligned_variance"),
        "untold",
    ]
    rows: list[list[object]] = []
    for one in comparison.alignment:
        key = one.model, one.construct, one.method
        if one.reason is not None:
            rows.append([*key, "", *[None] * 6, one.reason])
        for each in one.means:
            mean = _with_ends(each.mean, each.mean_ci)
            variance = _with_ends(each.variance, each.variance_ci)
            rows.append([*key, each.group, *mean, *variance, ""])
    return csv_file(f"{TABLES}/alignment.csv", header, rows)


def _aligned_indicators(comparison: Comparison) -> ArchiveFile:
    header = ["model", "construct", "indicator", "r2_loading", "r2_intercept"]
    rows = (
        [one.model, one.construct, each.indicator, each.r2_loading, each.r2_intercept]
        for one in comparison.alignment
        for each in one.indicators
    )
    return csv_file(f"{TABLES}/aligned_indicators.csv", header, rows)


def _fit_sizes(comparison: Comparison) -> ArchiveFile:
    header = ["model", "group", "rmsea_t", "rmsea_label", "cfi_t", "cfi_label", "untold"]
    rows = (
        [
            *(one.model, one.group, one.rmsea, one.rmsea_label, one.cfi, one.cfi_label),
            one.reason or "",
        ]
        for one in comparison.fit_sizes
    )
    return csv_file(f"{TABLES}/fit_sizes.csv", header, rows)


def _reliability(comparison: Comparison) -> ArchiveFile:
    header = [
        *("group", "construct", "indicator_count"),
        *(name for number in ("omega", "alpha", "ave") for name in _ends(number)),
    ]
    rows = (
        [
            *(one.group, one.construct, one.indicators),
            *_with_ends(one.omega, one.omega_ci),
            *_with_ends(one.alpha, one.alpha_ci),
            *_with_ends(one.ave, one.ave_ci),
        ]
        for one in comparison.reliability
    )
    return csv_file(f"{TABLES}/reliability.csv", header, rows)


def _htmt(comparison: Comparison) -> ArchiveFile:
    header = ["group", "first_construct", "second_construct", *_ends("htmt")]
    rows = (
        [one.group, one.first, one.second, *_with_ends(one.value, one.ci)]
        for one in comparison.htmt
    )
    return csv_file(f"{TABLES}/htmt.csv", header, rows)

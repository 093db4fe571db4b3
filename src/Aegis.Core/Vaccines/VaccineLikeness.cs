using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Core.Vaccines;

/// <summary>Which vaccine an order only says again. Two are alike where their checks are the same, or where
/// their words nearly are and no check tells them apart.</summary>
public static class VaccineLikeness
{
    /// <summary>Of the three-letter pieces of both, so many are in common.</summary>
    private const double Nearly = 0.8;

    /// <summary>Those in force first, then faded ones; a revoked one only by its check.</summary>
    public static Vaccine? Find(IEnumerable<Vaccine> vaccines, VaccineOrder order) => vaccines
        .Where(v => v.Scope == VaccineScope.Global == (order.Scope == VaccineScope.Global)
            && v.Scope >= order.Scope && AreAlike(v, order))
        .OrderBy(v => v.Status).ThenByDescending(v => v.Scope).ThenBy(v => v.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>From 0 to 1.</summary>
    public static double Of(string a, string b)
    {
        var (first, second) = (Pieces(a), Pieces(b));
        var all = first.Union(second).Count;
        return all == 0 ? 1 : (double)first.Intersect(second).Count / all;
    }

    private static bool AreAlike(Vaccine vaccine, VaccineOrder order)
    {
        if (vaccine.Check is not null && order.Check is not null)
        {
            return vaccine.Check.Equals(order.Check) && vaccine.Language == order.Language;
        }
        return vaccine.Status != VaccineStatus.Revoked && vaccine.Language == order.Language
            && Of(vaccine.ErrorPattern, order.ErrorPattern) >= Nearly;
    }

    private static ImmutableHashSet<string> Pieces(string text)
    {
        var words = text.ToLower(CultureInfo.InvariantCulture)
            .Split([' ', '\t', '\n', '\r', '.', ',', ';', ':', '"', '\''],
                StringSplitOptions.RemoveEmptyEntries);
        var plain = $"  {string.Join(' ', words)} ";
        return [.. Enumerable.Range(0, Math.Max(0, plain.Length - 2)).Select(i => plain.Substring(i, 3))];
    }
}

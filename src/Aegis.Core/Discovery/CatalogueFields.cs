using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Discovery;

/// <summary>Fields that lists of outside things share: the page that says so, and when it was read.</summary>
internal static class CatalogueFields
{
    /// <summary>An https address; an error where there is none.</summary>
    public static Uri? Page(
        YamlFields fields, string name, YamlValue at, string where, List<Diagnostic> errors)
    {
        if (Uri.TryCreate(fields.Text(name), UriKind.Absolute, out var page)
            && page.Scheme == Uri.UriSchemeHttps)
        {
            return page;
        }
        YamlFields.Wrong(errors, fields.Value(name) ?? at, $"{where}.{name}", "an https address of a page");
        return null;
    }

    public static DateOnly? Day(
        YamlFields fields, string name, YamlValue at, string where, List<Diagnostic> errors)
    {
        if (DateOnly.TryParseExact(fields.Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var day))
        {
            return day;
        }
        YamlFields.Wrong(errors, fields.Value(name) ?? at, $"{where}.{name}", "a day, such as 2026-11-27");
        return null;
    }
}

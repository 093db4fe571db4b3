using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.FileHashes;
using Aegis.Core.Languages;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>A regular expression on what a file would hold, in the dialect that never goes back: it takes
/// time by the length of the text alone, whatever somebody writes.</summary>
public sealed record PatternCheck : VaccineCheck
{
    private const string Root = "/work";
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(1);
    private readonly Regex regex;
    private readonly string? required;
    private readonly FilePatterns? files;

    private PatternCheck(string? path, string pattern, Regex regex, FilePatterns? files) =>
        (Path, Pattern, this.regex, this.files, required) =
            (path, pattern, regex, files, RequiredText.Of(pattern));

    /// <summary>Patterns of paths, one a line; null for every file of the vaccine's language.</summary>
    public string? Path { get; }

    public string Pattern { get; }

    public override bool ReadsFiles => true;

    public static (PatternCheck? Check, AegisError? Error) Read(string? path, string pattern)
    {
        if (pattern.Length is 0 or > VaccineLimits.RegexCharsMax)
        {
            return (null, VaccineErrors.BadCheck("its regex is empty or too long",
                $"1 to {VaccineLimits.RegexCharsMax} characters", $"{pattern.Length}"));
        }
        if (RegexRepeats.Of(pattern) > VaccineLimits.RegexRepeatsMax)
        {
            return (null, VaccineErrors.BadCheck("its regex repeats too much",
                $"counts in braces that multiply to at most {VaccineLimits.RegexRepeatsMax}", pattern));
        }
        FilePatterns? files = null;
        if (path is not null)
        {
            var read = FilePatterns.Parse([path], Root);
            if (read.Error is not null || path.Length is 0 or > VaccineLimits.CheckTextCharsMax)
            {
                return (null, VaccineErrors.BadCheck("its path is no pattern", "such as **/*.js", path));
            }
            files = read.Patterns;
        }
        try
        {
            var regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
                | RegexOptions.Multiline, TimeMax);
            return regex.IsMatch("")
                ? (null, VaccineErrors.BadCheck(
                    "its regex fits a text of nothing", "one that needs a character", pattern))
                : (new PatternCheck(path, pattern, regex, files), null);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return (null, VaccineErrors.BadCheck("its regex cannot be read",
                "one without lookarounds, backreferences and atomic groups", e.Message));
        }
    }

    public override bool Covers(string path, string? language) =>
        files?.Choose(path) ?? (language is null || CodeLanguage.Holds(language, CodeLanguage.Of(path)));

    public override CheckHit? Find(ReadFile file)
    {
        try
        {
            return FindIn(file);
        }
        catch (RegexMatchTimeoutException)
        {
            return new CheckHit(1, 1, "the check came to no end in this file");
        }
    }

    public bool Equals(PatternCheck? other) => other is not null && Json == other.Json;

    public override int GetHashCode() => HashCode.Combine(Path, Pattern);

    public override string ToString() => $"pattern {VaccineErrors.Shown(Pattern)}"
        + (Path is null ? "" : $" in {Path.ReplaceLineEndings(" ")}");

    /// <summary>Whether the expression has to be asked; false where letters that it needs are not
    /// there.</summary>
    internal bool MayBeIn(ReadFile file) =>
        required is null || file.View.Contains(required, StringComparison.Ordinal);

    private CheckHit? FindIn(ReadFile file)
    {
        var view = file.View;
        if (!MayBeIn(file) || !regex.IsMatch(view))
        {
            return null;
        }
        var old = new Dictionary<string, int>(StringComparer.Ordinal);
        if (file.ViewBefore.Length > 0)
        {
            foreach (var text in Places(file.ViewBefore).Select(m => m.Value))
            {
                old[text] = old.GetValueOrDefault(text) + 1;
            }
        }
        foreach (var place in Places(view))
        {
            if (old.GetValueOrDefault(place.Value) is var left and > 0)
            {
                old[place.Value] = left - 1;
                continue;
            }
            return file.HitAt(place.Index, place.Length);
        }
        return null;
    }

    private IEnumerable<Match> Places(string text)
    {
        var found = regex.Match(text);
        for (var i = 0; found.Success && i <= VaccineLimits.PlacesMax; i++, found = found.NextMatch())
        {
            yield return found;
        }
    }
}

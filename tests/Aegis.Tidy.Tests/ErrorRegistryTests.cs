using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>The registry (contracts/errors), its pages (docs/errors) and the codes in the sources agree.
/// With AEGIS_UPDATE_DOCS=1 (<c>./aegis docs</c>) the pages are written instead of compared.</summary>
public sealed partial class ErrorRegistryTests
{
    private static readonly IReadOnlyList<(string File, RegisteredError Error)> Registry =
        ErrorRegistry.Read();

    [Fact]
    public void Codes_AreUniqueAndComplete()
    {
        Finding.None(Registry.GroupBy(e => e.Error.Code).Where(g => g.Count() > 1)
            .Select(g => $"{g.Key} stands in {string.Join(" and ", g.Select(e => e.File))}"));
        Finding.None(Registry
            .Where(e => !CodeAlone().IsMatch(e.Error.Code) || e.Error.Title.Length == 0
                || e.Error.Meaning.Length == 0 || e.Error.Mend.Length == 0 || e.Error.Http is < 400 or > 599)
            .Select(e => $"{e.File}: {e.Error}"));
    }

    [Fact]
    public void Codes_OfTheSources_AreTheRegisteredOnes()
    {
        var used = SourceTree.In("", "src/", "sdk/")
            .Where(f => Path.GetExtension(f) is ".cs" or ".sql")
            .SelectMany(f => Code().Matches(SourceTree.Text(f)).Select(m => (Code: m.Value, File: f)))
            .ToLookup(u => u.Code, u => u.File);
        var registered = Registry.Select(e => e.Error.Code).ToHashSet();
        Finding.None(used.Where(u => !registered.Contains(u.Key))
            .Select(u => $"{u.Key} is used in {u.First()} but not registered in contracts/errors"));
        Finding.None(registered.Where(code => !used.Contains(code))
            .Select(code => $"{code} is registered but no source uses it"));
    }

    [Fact]
    [Trait("Category", "Generated")]
    public void Pages_AreWhatTheRegistrySays()
    {
        var errors = Registry.Select(e => e.Error).DistinctBy(e => e.Code).ToList();
        var pages = errors.ToDictionary(e => e.PageFile, e => e.Page());
        pages[ErrorRegistry.IndexFile] = ErrorRegistry.Index(errors);
        var there = SourceTree.In(".md", "docs/errors/").ToHashSet();
        if (Environment.GetEnvironmentVariable("AEGIS_UPDATE_DOCS") == "1")
        {
            Write(pages, there);
            return;
        }
        Finding.None(pages.Where(p => !there.Contains(p.Key) || SourceTree.Text(p.Key) != p.Value)
            .Select(p => $"{p.Key} is not what contracts/errors says; mend: ./aegis docs"));
        Finding.None(there.Except(pages.Keys).Select(f => $"{f} belongs to no code; mend: ./aegis docs"));
    }

    private static void Write(Dictionary<string, string> pages, HashSet<string> there)
    {
        Directory.CreateDirectory(Path.Combine(SourceTree.Root, "docs/errors"));
        foreach (var gone in there.Except(pages.Keys))
        {
            File.Delete(Path.Combine(SourceTree.Root, gone));
        }
        foreach (var (file, text) in pages)
        {
            File.WriteAllText(Path.Combine(SourceTree.Root, file), text);
        }
    }

    [GeneratedRegex(@"\bAEGIS[0-9]{4}\b")]
    private static partial Regex Code();

    [GeneratedRegex(@"^AEGIS[0-9]{4}$")]
    private static partial Regex CodeAlone();
}

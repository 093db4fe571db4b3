using System.Collections.Immutable;
using Aegis.Core.Dependencies;
using Aegis.Core.Findings;
using Aegis.Core.Findings.CodeRules;
using Aegis.Core.Languages;

namespace Aegis.Core.Vaccines;

/// <summary>A file that is about to be written, and what checks want to know of it, each found out
/// once.</summary>
public sealed class ReadFile(ProposedFile file)
{
    private readonly Lazy<string> view = new(() => CodeView.Of(CodeLanguage.Of(file.Path), file.Text));
    private readonly Lazy<string> before =
        new(() => file.Before is null ? "" : CodeView.Of(CodeLanguage.Of(file.Path), file.Before));

    private readonly Lazy<ImmutableArray<Finding>> findings =
        new(() => CodeScan.Of(file.Path, file.Text));

    private readonly Lazy<ImmutableArray<Finding>> findingsBefore =
        new(() => file.Before is null ? [] : CodeScan.Of(file.Path, file.Before));

    private readonly Lazy<ImmutableArray<NamedDependency>> dependencies =
        new(() => ManifestReader.Read(file.Path, file.Text));

    private readonly Lazy<ImmutableArray<NamedDependency>> dependenciesBefore =
        new(() => file.Before is null ? [] : ManifestReader.Read(file.Path, file.Before));

    public string Path => file.Path;

    public string Text => file.Text;

    /// <summary>See <see cref="CodeView"/>.</summary>
    public string View => view.Value;

    /// <summary>The same of what the file holds now; empty where that is not known.</summary>
    public string ViewBefore => before.Value;

    public ImmutableArray<Finding> Findings => findings.Value;

    public ImmutableArray<Finding> FindingsBefore => findingsBefore.Value;

    public ImmutableArray<NamedDependency> Dependencies => dependencies.Value;

    public ImmutableArray<NamedDependency> DependenciesBefore => dependenciesBefore.Value;

    public CheckHit HitAt(int offset, int length)
    {
        var before = Text.AsSpan(0, offset);
        var line = before.Count('\n') + 1;
        var found = Text.Substring(offset, Math.Min(length, Text.Length - offset)).ReplaceLineEndings(" ");
        return new CheckHit(line, offset - before.LastIndexOf('\n'), VaccineErrors.Shown(found)!);
    }

    /// <summary>The text of a line, counted from 1.</summary>
    public string LineText(int line)
    {
        var at = 0;
        foreach (var range in Text.AsSpan().Split('\n'))
        {
            if (++at == line)
            {
                return VaccineErrors.Shown(Text[range].Trim())!;
            }
        }
        return "";
    }
}

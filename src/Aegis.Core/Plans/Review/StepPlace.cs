using Aegis.Core.Errors;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans.Review;

/// <summary>Where a member of a step, or of the workflow, stands in its file.</summary>
public static class StepPlace
{
    /// <summary>The first of the members that is there, else the step itself; the file's beginning where
    /// nothing fits.</summary>
    public static SourceSpan Of(ReadOnlyMemory<byte> source, string file, string stepId,
        params string[] members)
    {
        var root = Root(source, file);
        var step = (root?["steps"] as SequenceNode)?.Items.OfType<MappingNode>()
            .FirstOrDefault(s => (s["id"] as ScalarNode)?.Text == stepId);
        return Span(file, First(step?["with"] as MappingNode, members) ?? step);
    }

    public static SourceSpan OfCap(ReadOnlyMemory<byte> source, string file)
    {
        var root = Root(source, file);
        return Span(file, (root?["policy"] as MappingNode)?["max_cost_usd"] ?? root);
    }

    private static SourceNode? First(MappingNode? map, string[] members) =>
        members.Select(m => map?[m]).FirstOrDefault(n => n is not null);

    private static MappingNode? Root(ReadOnlyMemory<byte> source, string file)
    {
        var unheard = new DiagnosticList(file);
        return SourceText.Read(source, unheard) is { } text
            ? new SourceReader(unheard).Read(text.Text) as MappingNode : null;
    }

    private static SourceSpan Span(string file, SourceNode? node) => new(file, node?.Line ?? 1,
        node?.Column ?? 1);
}

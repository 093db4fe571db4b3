using System.Collections.Immutable;

namespace Aegis.Core.Plans.Source;

/// <summary>A node of a workflow file with its place. Aliases are resolved: the node of an anchor may stand
/// in several places.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Size">Nodes of its whole tree, aliases counted each time they are used.</param>
/// <param name="Height">1 for a leaf.</param>
internal abstract record SourceNode(int Line, int Column, int Size, int Height)
{
    public abstract string KindShown { get; }
}

internal sealed record ScalarNode(int Line, int Column, string Text, ScalarForm Form, bool IsPlain)
    : SourceNode(Line, Column, 1, 1)
{
    public bool IsNull => CoreSchema.KindOf(this) == ScalarKind.Null;

    public override string KindShown => CoreSchema.KindOf(this) switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Boolean => $"the boolean {Text}",
        ScalarKind.Integer or ScalarKind.Float => $"the number {Text}",
        _ => $"the string \"{(Text.Length <= 60 ? Text : Text[..60] + "…")}\"",
    };
}

internal enum ScalarForm
{
    Plain,
    Quoted,
    Literal,
    Folded,
}

internal sealed record SequenceNode(int Line, int Column, ImmutableArray<SourceNode> Items, int Size,
    int Height)
    : SourceNode(Line, Column, Size, Height)
{
    public override string KindShown => "a list";
}

internal sealed record MappingNode(int Line, int Column, ImmutableArray<SourceMember> Members, int Size,
    int Height)
    : SourceNode(Line, Column, Size, Height)
{
    public override string KindShown => "a map";

    public SourceNode? this[string key] => Members.FirstOrDefault(m => m.Key.Text == key)?.Value;
}

internal sealed record SourceMember(ScalarNode Key, SourceNode Value);

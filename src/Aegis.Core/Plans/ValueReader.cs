using System.Collections.Immutable;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Reads typed values off nodes. A wrong one is noted and answers null, so that one pass finds
/// everything that is wrong.</summary>
internal sealed class ValueReader(DiagnosticList diagnostics)
{
    public DiagnosticList Diagnostics => diagnostics;

    /// <summary>The map itself, its keys checked against the table; null where it is none.</summary>
    public MappingNode? Map(SourceNode? node, string what, KeyScope scope)
    {
        var map = AnyMap(node, what);
        foreach (var member in map?.Members ?? [])
        {
            CheckKey(member.Key, scope);
        }
        return map;
    }

    public MappingNode? AnyMap(SourceNode? node, string what)
    {
        if (node is not null and not MappingNode)
        {
            WrongType(node, what, "a map");
        }
        return node as MappingNode;
    }

    private void CheckKey(ScalarNode key, KeyScope scope)
    {
        var keys = WorkflowKeys.Of(scope);
        // the documents write on-retry; both spellings mean one key
        var name = key.Text.Replace('-', '_');
        if (keys.Any(k => k.Name == name && k.State == KeyState.Later))
        {
            diagnostics.Add(key, "AEGIS1011", $"{key.Text} is known, not enforced yet", null, key.Text,
                "remove it until a release enforces it; docs/dsl.md lists the state of each key");
        }
        else if (!keys.Any(k => k.Name == key.Text))
        {
            var known = keys.Where(k => k.State == KeyState.Works).Select(k => k.Name).ToList();
            diagnostics.Add(key, "AEGIS1010", $"{Shown(key.Text)} is no key of a {Name(scope)}",
                string.Join(", ", known), Shown(key.Text), diagnostics.DidYouMean(key.Text, known));
        }
    }

    private static string Name(KeyScope scope) => scope switch
    {
        KeyScope.Policy => "policy",
        KeyScope.Input => "declared input",
        KeyScope.Defaults => "defaults block",
        KeyScope.Step => "step",
        KeyScope.Retry => "retry block",
        KeyScope.Foreach => "foreach",
        KeyScope.Repeat => "repeat block",
        KeyScope.Approve => "approve block",
        KeyScope.Output => "declared output",
        KeyScope.Concurrency => "concurrency block",
        KeyScope.Github => "github trigger",
        KeyScope.Webhook => "webhook trigger",
        KeyScope.Schedule => "schedule",
        KeyScope.Completed => "workflow_completed trigger",
        _ => "workflow",
    };

    /// <summary>Text in which no expression is read.</summary>
    public string? Literal(SourceNode? node, string what, int lengthMax)
    {
        if (node is null || Text(node, what) is not { } text)
        {
            return null;
        }
        if (text.Contains(TemplateText.Open, StringComparison.Ordinal))
        {
            diagnostics.Add(node, "AEGIS1092", $"expressions are not read in {what}", "plain text",
                Shown(text));
            return null;
        }
        if (text.Length == 0 || text.Length > lengthMax)
        {
            diagnostics.Add(node, "AEGIS1014", $"{what} has the wrong length", $"1 to {lengthMax} characters",
                $"{text.Length}");
            return null;
        }
        return text;
    }

    public string? Text(SourceNode node, string what)
    {
        if (node is ScalarNode scalar && CoreSchema.KindOf(scalar) == ScalarKind.Text)
        {
            return scalar.Text;
        }
        WrongType(node, what, "a string");
        return null;
    }

    public bool? Boolean(SourceNode? node, string what)
    {
        if (node is ScalarNode scalar && CoreSchema.KindOf(scalar) == ScalarKind.Boolean)
        {
            return CoreSchema.BooleanOf(scalar);
        }
        if (node is not null)
        {
            WrongType(node, what, "true or false");
        }
        return null;
    }

    public decimal? Number(SourceNode? node, string what, decimal min, decimal max, bool isInteger = false)
    {
        if (node is null)
        {
            return null;
        }
        var kind = node is ScalarNode s ? CoreSchema.KindOf(s) : ScalarKind.Null;
        if (kind != ScalarKind.Integer && (isInteger || kind != ScalarKind.Float))
        {
            WrongType(node, what, isInteger ? "an integer" : "a number");
            return null;
        }
        var scalar = (ScalarNode)node;
        var value = CoreSchema.DoubleOf(scalar);
        if (value < (double)min || value > (double)max)
        {
            diagnostics.Add(node, "AEGIS1014", $"{what} is out of range", $"{min} to {max}", scalar.Text);
            return null;
        }
        return kind == ScalarKind.Integer
            ? (decimal)value
            : decimal.Parse(scalar.Text, System.Globalization.NumberStyles.Float,
                System.Globalization.CultureInfo.InvariantCulture);
    }

    public TimeSpan? Duration(SourceNode? node, string what, bool mayBeZero = false)
    {
        if (node is null)
        {
            return null;
        }
        const string Form = "milliseconds, or text such as 15m, 2h30m, 500ms";
        if (node is not ScalarNode scalar || CoreSchema.KindOf(scalar) is not (ScalarKind.Integer
            or ScalarKind.Float or ScalarKind.Text))
        {
            WrongType(node, what, Form);
            return null;
        }
        if (!Plans.Duration.TryParse(scalar.Text, out var value))
        {
            diagnostics.Add(node, "AEGIS1015", $"{what} is no duration of at most 366 days", Form,
                Shown(scalar.Text));
            return null;
        }
        if (value < TimeSpan.FromMilliseconds(1) && !(mayBeZero && value == TimeSpan.Zero))
        {
            diagnostics.Add(node, "AEGIS1014", $"{what} is out of range", "1 ms to 366 days", scalar.Text,
                "leave it out for no limit");
            return null;
        }
        return value;
    }

    /// <summary>The items of a list, or the one scalar that stands for a list of one.</summary>
    public ImmutableArray<SourceNode> Items(SourceNode node, string what, int max, bool mayBeOne)
    {
        if (node is ScalarNode && mayBeOne)
        {
            return [node];
        }
        if (node is not SequenceNode list)
        {
            WrongType(node, what, mayBeOne ? "a string or a list of strings" : "a list");
            return [];
        }
        if (list.Items.Length > max)
        {
            diagnostics.Add(node, "AEGIS1016", $"{what} has too many entries", $"at most {max}",
                $"{list.Items.Length}");
            return [];
        }
        return list.Items;
    }

    public void WrongType(SourceNode node, string what, string expected) =>
        diagnostics.Add(node, "AEGIS1013", $"{what} has the wrong type", expected, node.KindShown);

    public static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}

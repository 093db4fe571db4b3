using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;
using Aegis.Core.Policy;

namespace Aegis.Core.Plans;

/// <summary>An env block laid over the one above it.</summary>
/// <param name="Nodes">The values written in this block itself, for errors in their expressions.</param>
internal sealed partial record EnvBlock(ImmutableSortedDictionary<string, string> Values,
    ImmutableArray<(string Name, ScalarNode Node)> Nodes)
{
    public static EnvBlock None { get; } =
        new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), []);

    public bool HasExpressions => Values.Values.Any(Template.HasExpressions);

    /// <param name="items">What the step does for each of.</param>
    public static EnvBlock Read(
        ValueReader read, SourceNode? node, EnvBlock above, ForeachSpec? items = null)
    {
        var map = read.AnyMap(node, "env");
        if (map is null)
        {
            return above with { Nodes = [] };
        }
        if (map.Members.Length > WorkflowLimits.EnvNamesMax)
        {
            read.Diagnostics.Add(map, "AEGIS1016", "env has too many names",
                $"at most {WorkflowLimits.EnvNamesMax}", $"{map.Members.Length}");
            return above with { Nodes = [] };
        }
        var values = above.Values.ToBuilder();
        var nodes = ImmutableArray.CreateBuilder<(string, ScalarNode)>();
        foreach (var (key, value) in map.Members)
        {
            if (CheckName(read, key) && CheckValue(read, key.Text, value) is { } scalar)
            {
                values[key.Text] = scalar.IsNull ? "" : ItemNames.Lengthened(scalar.Text, items);
                nodes.Add((key.Text, scalar));
            }
        }
        return new EnvBlock(values.ToImmutable(), nodes.ToImmutable());
    }

    private static bool CheckName(ValueReader read, ScalarNode key)
    {
        if (!NamePattern().IsMatch(key.Text) || key.Text.Length > WorkflowLimits.EnvNameLengthMax)
        {
            read.Diagnostics.Add(key, "AEGIS1028", "this is no name of an environment variable",
                $"1 to {WorkflowLimits.EnvNameLengthMax} of A-Z a-z 0-9 _, no digit first",
                ValueReader.Shown(key.Text));
            return false;
        }
        if (EnvironmentNames.WhyDenied(key.Text) is { } reason)
        {
            read.Diagnostics.Add(key, "AEGIS1028", $"env may not set {key.Text}: {reason}", null, key.Text,
                "it would get round allow_commands; remove it");
            return false;
        }
        return true;
    }

    private static ScalarNode? CheckValue(ValueReader read, string name, SourceNode value)
    {
        if (value is not ScalarNode scalar)
        {
            read.WrongType(value, $"env.{name}", "text, a number or a boolean");
            return null;
        }
        if (scalar.Text.Length > WorkflowLimits.EnvValueLengthMax)
        {
            read.Diagnostics.Add(value, "AEGIS1014", $"env.{name} is too long",
                $"at most {WorkflowLimits.EnvValueLengthMax} characters", $"{scalar.Text.Length}");
            return null;
        }
        return scalar;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex NamePattern();
}

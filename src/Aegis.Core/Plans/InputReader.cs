using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>The declared inputs. Their names compare without case, as in expressions.</summary>
internal static partial class InputReader
{
    public static ImmutableArray<InputSpec> Read(ValueReader read, SourceNode? node)
    {
        var map = read.AnyMap(node, "inputs");
        if (map is null)
        {
            return [];
        }
        if (map.Members.Length > WorkflowLimits.InputsMax)
        {
            read.Diagnostics.Add(map, "AEGIS1016", "there are too many inputs",
                $"at most {WorkflowLimits.InputsMax}", $"{map.Members.Length}");
            return [];
        }
        var inputs = ImmutableArray.CreateBuilder<InputSpec>();
        foreach (var (key, value) in map.Members)
        {
            if (!NamePattern().IsMatch(key.Text))
            {
                read.Diagnostics.Add(key, "AEGIS1020", "this is no name of an input",
                    "1 to 64 of A-Z a-z 0-9 _ -, a letter or _ first", ValueReader.Shown(key.Text));
            }
            else if (inputs.Any(i => string.Equals(i.Name, key.Text, StringComparison.OrdinalIgnoreCase)))
            {
                read.Diagnostics.Add(key, "AEGIS1021", "two inputs differ in case only", "unique names",
                    key.Text);
            }
            else
            {
                inputs.Add(Input(read, key.Text, value));
            }
        }
        return inputs.ToImmutable();
    }

    private static InputSpec Input(ValueReader read, string name, SourceNode value)
    {
        var map = value is ScalarNode { IsNull: true }
            ? null
            : read.Map(value, $"inputs.{name}", KeyScope.Input);
        var type = Type(read, map?["type"], $"inputs.{name}.type");
        return new InputSpec(name, type,
            read.Boolean(map?["required"], $"inputs.{name}.required") ?? false,
            Default(read, map?["default"], name, type),
            read.Literal(map?["description"], $"inputs.{name}.description",
                WorkflowLimits.DescriptionLengthMax));
    }

    internal static InputType Type(ValueReader read, SourceNode? node, string what)
    {
        if (node is null || read.Text(node, what) is not { } text)
        {
            return InputType.String;
        }
        switch (text)
        {
            case "string": return InputType.String;
            case "number": return InputType.Number;
            case "boolean": return InputType.Boolean;
            case "json": return InputType.Json;
        }
        read.Diagnostics.Add(node, "AEGIS1014", $"{what} is unknown",
            "string, number, boolean or json", ValueReader.Shown(text),
            read.Diagnostics.DidYouMean(text, ["string", "number", "boolean", "json"]));
        return InputType.Json;
    }

    private static JsonElement? Default(ValueReader read, SourceNode? node, string name, InputType type)
    {
        if (node is null || !NodeJson.Check(read.Diagnostics, node))
        {
            return null;
        }
        var json = NodeJson.Of(node);
        if (PlanInputs.Fits(type, json))
        {
            return json;
        }
        read.Diagnostics.Add(node, "AEGIS1030", $"the default of {name} does not fit its type",
            type.ToString().ToLowerInvariant(), node.KindShown);
        return null;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex NamePattern();
}

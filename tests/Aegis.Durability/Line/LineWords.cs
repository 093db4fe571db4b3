using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Aegis.Durability.Line;

/// <summary>A turn that a model is to say.</summary>
/// <param name="Contains">Words of the newest message that it answers; null for any.</param>
/// <param name="Message">The assistant's message in OpenAI's protocol.</param>
internal sealed record LineTurn(string Role, int Turn, string? Contains, JsonObject Message, string Finish);

/// <summary>The words of a sample's rehearsal, read without the product's reader, so that a server outside
/// can say them and count how often it is asked.</summary>
internal sealed partial class LineWords(IReadOnlyList<LineTurn> turns)
{
    public static LineWords Read(string file)
    {
        using var reader = new StreamReader(file);
        var yaml = new YamlStream();
        yaml.Load(reader);
        var all = (YamlSequenceNode)yaml.Documents[0].RootNode["turns"];
        return new LineWords([.. all.Select(t => Turn((YamlMappingNode)t))]);
    }

    public IEnumerable<string> Roles => turns.Select(t => t.Role).Distinct();

    /// <summary>The first of the role's turns that answers the newest message.</summary>
    public LineTurn? Find(string role, int turn, string newest)
    {
        var said = White().Replace(newest, " ");
        return turns.FirstOrDefault(t => t.Role == role && t.Turn == turn
            && (t.Contains is null || said.Contains(t.Contains, StringComparison.Ordinal)));
    }

    private static LineTurn Turn(YamlMappingNode node)
    {
        var contains = Under(node, "match") is YamlMappingNode match ? Text(match, "contains") : null;
        var answer = Under(node, "answer");
        var message = answer is YamlMappingNode whole ? Message((YamlSequenceNode)whole["content"])
            : new JsonObject { ["role"] = "assistant", ["content"] = Text(node, "reply") };
        return new LineTurn(Text(node, "role")!, int.Parse(Text(node, "turn")!), contains, message,
            answer is YamlMappingNode told ? Text(told, "finish")! : "stop");
    }

    private static JsonObject Message(YamlSequenceNode content)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = null };
        var calls = new JsonArray();
        foreach (var part in content)
        {
            if (part is YamlScalarNode text)
            {
                message["content"] = text.Value;
            }
            else if (Under((YamlMappingNode)part, "call") is YamlMappingNode call)
            {
                calls.Add(new JsonObject
                {
                    ["id"] = Text(call, "id"),
                    ["type"] = "function",
                    ["function"] = new JsonObject
                    {
                        ["name"] = Text(call, "name"),
                        ["arguments"] = Arguments((YamlMappingNode)call["arguments"]),
                    },
                });
            }
        }
        message["tool_calls"] = calls;
        return message;
    }

    // the samples' arguments are texts
    private static string Arguments(YamlMappingNode map) => JsonSerializer.Serialize(
        map.Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => ((YamlScalarNode)c.Value).Value));

    private static YamlNode? Under(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string? Text(YamlMappingNode map, string key) =>
        (Under(map, key) as YamlScalarNode)?.Value;

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex White();
}

using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Forge;

/// <summary>What a forge's refusal means, with its own words.</summary>
internal static class ForgeRefusal
{
    private const int DetailsMax = 5;

    public static AegisError Of(ForgeReply reply, ForgePlace place, string request)
    {
        var words = Words(reply.Body);
        return place.Remote is not { } remote ? Local(reply, words) : reply.Status switch
        {
            401 => new AegisError("AEGIS2392", $"{remote.Host} does not know the forge's token",
                "a valid token", words, "renew the secret that forge.token names"),
            403 => new AegisError("AEGIS2393", $"{remote.Host} does not let the token do this: {request}",
                "a token with the permission", words, "docs/forge.md lists the permissions of each tool"),
            404 => new AegisError("AEGIS2394", $"{remote.Host} shows the token no such thing: {request}",
                $"something of {place.Owner}/{place.Name} that the token may see", words,
                "correct the number or forge.repository; a token without the permission sees 404, too"),
            >= 500 => new AegisError("AEGIS2396",
                $"{remote.Host} is out of order ({reply.Status}): {request}", "an answer", words,
                "try again later: the step's retry does"),
            _ => new AegisError("AEGIS2150", $"the forge answered {reply.Status} to {request}", "a success",
                words, "correct what the forge names"),
        };
    }

    private static AegisError Local(ForgeReply reply, string? words) => new("AEGIS2150",
        $"the forge answered {reply.Status}", "a success", words,
        reply.Status is 401 or 403 ? "give the run's key the scope repo:write"
            : "correct what the forge names");

    private static string? Words(JsonElement body)
    {
        var words = new List<string>();
        if (body.ValueKind == JsonValueKind.Object)
        {
            Add(words, body, "message");
            Add(words, body, "detail");
            foreach (var error in Errors(body))
            {
                if (error.ValueKind == JsonValueKind.String)
                {
                    words.Add(error.GetString()!);
                }
                else if (error.ValueKind == JsonValueKind.Object)
                {
                    Add(words, error, "message");
                    Add(words, error, "field");
                    Add(words, error, "code");
                }
            }
        }
        return words.Count == 0 ? null : string.Join("; ", words.Distinct());
    }

    // a list of objects, of texts, or one text: GitHub has all three
    private static IEnumerable<JsonElement> Errors(JsonElement body) =>
        !body.TryGetProperty("errors", out var errors) ? []
        : errors.ValueKind == JsonValueKind.Array ? errors.EnumerateArray().Take(DetailsMax) : [errors];

    private static void Add(List<string> words, JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            words.Add(value.GetString()!);
        }
    }
}

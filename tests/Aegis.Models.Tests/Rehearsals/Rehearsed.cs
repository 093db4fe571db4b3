using System.Text;
using System.Text.Json.Nodes;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Rehearsals;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Tests.Rehearsals;

/// <summary>Rehearsals and calls to them.</summary>
internal static class Rehearsed
{
    /// <summary>For those that fall silent, which is waited for.</summary>
    public static readonly UpstreamOptions Quick = new()
    {
        HeaderTimeout = TimeSpan.FromMilliseconds(1),
        QuietTimeout = TimeSpan.FromMilliseconds(50),
    };

    private static readonly UpstreamOptions Patient = Quick with { QuietTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>A machine that stands still for a moment is no provider that does.</summary>
    public static UpstreamOptions Patience(string? role) =>
        role?.StartsWith("silent-", StringComparison.Ordinal) == true ? Quick : Patient;

    public static RehearsalFile File(string yaml)
    {
        var parsed = RehearsalFile.Parse(yaml, "r.yaml");
        Assert.True(parsed.Ok, string.Join('\n', parsed.Errors) + "\n" + yaml);
        return parsed.Value!;
    }

    public static RehearsalUpstream Open(string yaml, string? role = null, int? turn = null) =>
        RehearsalUpstream.Open(File(yaml), role, turn, TimeProvider.System, Patience(role));

    public static UpstreamTarget Target(WireProtocol protocol, string provider = "house",
        string model = "m-1") =>
        new(provider, new("https://house.invalid/v1"), protocol, UpstreamAuth.None, model);

    /// <summary>A chat of texts: the user's and the assistant's in turns.</summary>
    public static byte[] Chat(bool stream, params string[] said) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["model"] = "m-1",
        ["max_tokens"] = 500,
        ["stream"] = stream,
        ["messages"] = new JsonArray([.. said.Select((text, i) => new JsonObject
        {
            ["role"] = i % 2 == 0 ? "user" : "assistant",
            ["content"] = text,
        })]),
    }.ToJsonString());

    public static async Task<(byte[]? Body, UpstreamFailure? Failure)> AskAsync(IUpstream upstream,
        UpstreamTarget target, byte[] body, UpstreamPath path = UpstreamPath.Chat,
        string type = "application/json")
    {
        using var answer = await upstream.SendAsync(target, path, body, default, type);
        var read = await answer.ReadAsync(default);
        return (read.Bytes?.ToArray(), read.Failure);
    }

    public static ChatAnswer Answer(byte[] body, WireProtocol protocol)
    {
        Assert.True(ChatTranslation.TryReadAnswer(body, protocol, out var answer, out var wrong), wrong);
        return answer;
    }

    public static string Shared(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return System.IO.File.ReadAllText(Path.Combine(folder, "tests/Shared/Rehearsals", name));
    }
}

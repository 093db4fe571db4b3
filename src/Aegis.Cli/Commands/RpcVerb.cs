using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary>What the verbs over <c>/v1/rpc</c> have in common: one call, its output as it comes, its
/// end.</summary>
internal static class RpcVerb
{
    public static readonly Option<string?> Repo = new("--repo")
    {
        Description = "A repository of the project, or the folder of one on this machine.",
        HelpName = "NAME|PATH",
    };

    public static readonly Option<string?> Ref = new("--ref") { Description = "Its branch." };

    /// <summary>Calls an op; its output goes to stdout while it comes, and with --json the answer
    /// instead.</summary>
    public static async Task<int> CallAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        string op, JsonObject members, CancellationToken cancel)
    {
        await using var rpc = await client.OpenRpcAsync(cancel);
        var json = desk.WantsJson(parsed);
        try
        {
            var answer = await rpc.CallAsync(op, members, piece =>
            {
                if (!json)
                {
                    Show(desk, piece);
                }
                return default;
            }, cancel);
            return Ended(desk, json, answer);
        }
        catch (RpcException e) when (e.Answer.TryGetProperty("exitCode", out _))
        {
            // a command that failed is an answer
            return Ended(desk, json, e.Answer);
        }
    }

    private static int Ended(CommandDesk desk, bool json, JsonElement answer)
    {
        if (json)
        {
            desk.Terminal.Out.WriteLine(answer.GetRawText());
        }
        else
        {
            Show(desk, answer);
        }
        return answer.TryGetProperty("exitCode", out var code) ? code.GetInt32()
            : answer.GetProperty("ok").GetBoolean() ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Show(CommandDesk desk, JsonElement message)
    {
        foreach (var piece in message.GetProperty("stream").EnumerateArray())
        {
            var text = piece.GetProperty("data").GetString()!;
            desk.Terminal.Out.Write(text);
            if (piece.GetProperty("type").GetString() == "text" && !text.EndsWith('\n'))
            {
                desk.Terminal.Out.WriteLine();
            }
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis mcp</c>: the server's tools for a local client of the Model Context Protocol, which
/// starts this command and speaks to it over its pipes. Below it: the tools of outside servers, and what of
/// them is approved.</summary>
internal static class McpCommand
{
    private static readonly Argument<string> Server =
        new("SERVER") { Description = "As the profile names it below mcp.servers." };

    private static readonly Argument<string> Tool = new("TOOL")
    {
        Description = "mcp.SERVER.TOOL, or mcp.SERVER for all that are not approved yet.",
    };

    private static readonly Option<string?> Hash = new("--hash")
    {
        Description = "Only if the tool still says what has this hash; else what it says now.",
        HelpName = "HASH",
    };

    public static Command Build(CommandDesk desk)
    {
        var mcp = new Verb("mcp", "Join a local MCP client to the server, over standard input and output.",
            "aegis mcp")
        {
            desk.Online(new Verb("pins", "List the tools of outside MCP servers, and which may be called.",
                "aegis mcp pins"), async (client, parsed, cancel) =>
                    List(desk, parsed, await client.ListOutsideToolsAsync(cancel))),
            desk.Online(new Verb("refresh", "Ask an outside MCP server what tools it has.",
                "aegis mcp refresh notes") { Server },
                (client, parsed, cancel) => RefreshAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("approve", "Let a tool of an outside MCP server be called.",
                "aegis mcp approve mcp.notes.add --hash sha256:12ab",
                "aegis mcp approve mcp.notes") { Tool, Hash },
                (client, parsed, cancel) => ApproveAsync(desk, client, parsed, cancel)),
        };
        return desk.Online(mcp, async (client, _, cancel) =>
        {
            await client.BridgeMcpAsync(desk.Terminal.In, desk.Terminal.Out, cancel);
            return ExitCode.Ok;
        });
    }

    private static int List(CommandDesk desk, ParseResult parsed, Listing<OutsideTool> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingOutsideTool);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["TOOL", "MAY BE CALLED", "HASH", "SAYS"],
            found.Items.Select(t => new[] { t.Name, State(t), t.Hash, Words(t.Says) }));
        return ExitCode.Ok;
    }

    private static async Task<int> RefreshAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var server = parsed.GetRequiredValue(Server);
        var call = await client.InvokeToolAsync(
            "mcp.refresh", new InvokeTool(Pairs.ToJson("SERVER", [$"server={server}"]), Wait: "120s"),
            cancel);
        if (call.Error is { } error)
        {
            throw new CliException(ExitCode.Failed, error.Code, error.Message, error.Mend);
        }
        var all = await client.ListOutsideToolsAsync(cancel);
        return List(desk, parsed, all with { Items = [.. all.Items.Where(t => t.Server == server)] });
    }

    private static async Task<int> ApproveAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var (name, hash) = (parsed.GetRequiredValue(Tool), parsed.GetValue(Hash));
        var all = await client.ListOutsideToolsAsync(cancel);
        var wanted = all.Items.Where(t => t.Name == name || (t.Name.StartsWith(name + ".",
            StringComparison.Ordinal) && !t.Open)).ToList();
        if (wanted.Count == 0)
        {
            throw new CliException(ExitCode.Refused, "AEGIS6020", $"there is no outside tool {name}",
                "aegis mcp pins lists them; aegis mcp refresh SERVER asks a server");
        }
        var approved = new List<OutsideTool>();
        foreach (var tool in wanted)
        {
            approved.Add(await client.ApproveOutsideToolAsync(tool.Name, hash ?? tool.Hash, cancel));
        }
        return List(desk, parsed, all with { Items = approved, Next = null });
    }

    private static string State(OutsideTool tool) =>
        tool.Open ? "yes" : tool.ApprovedHash is null ? "no: not approved" : "no: it has changed";

    private static string Words(JsonElement says) =>
        says.TryGetProperty("description", out var words) && words.ValueKind == JsonValueKind.String
            ? words.GetString()!.ReplaceLineEndings(" ") : "";
}

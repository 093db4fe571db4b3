using System.CommandLine;
using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis tools</c>: what the key may call, and calling it.</summary>
internal static class ToolsCommand
{
    private static readonly Argument<string> Name =
        new("NAME") { Description = "The tool, such as shell.exec." };

    internal static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "A member of the input, as of aegis run; or @FILE.json for the whole input.",
        HelpName = "name=value|@FILE",
    };

    internal static readonly Option<string[]> Allow = new("--allow-command")
    {
        Description = "A command that the call may run, as in a workflow's allow_commands.",
        HelpName = "COMMAND",
    };

    internal static readonly Option<string[]> Egress = new("--egress")
    {
        Description = "A host that the call may reach, as in a workflow's egress_allow.",
        HelpName = "HOST",
    };

    private static readonly Option<string?> Repo =
        new("--repo") { Description = "A repository of the project.", HelpName = "NAME" };

    private static readonly Option<string?> Ref = new("--ref") { Description = "Its branch." };

    private static readonly Option<string?> Approve = new("--approve")
    {
        Description = "Ask a human first, with these words.",
        HelpName = "WORDS",
    };

    private static readonly Option<string?> Wait = new("--wait")
    {
        Description = "How long to wait for the end: 30s unless said otherwise, at most 120s.",
        HelpName = "DURATION",
    };

    public static Command Build(CommandDesk desk)
    {
        var list = desk.Online(new Verb("list", "List the tools that you may call.", "aegis tools list"),
            (client, parsed, cancel) => ListAsync(desk, client, parsed, cancel));
        var tools = new Verb("tools", "Tools: what you may call, and calling it.", "aegis tools")
        {
            list,
            desk.Online(new Verb("show", "Show a tool and the schema of its input.",
                "aegis tools show shell.exec") { Name },
                (client, parsed, cancel) => ShowAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("invoke", "Call a tool as a run of one step.",
                "aegis tools invoke shell.exec --input cmd=date --allow-command date")
            {
                Name, Input, Allow, Egress, Repo, Ref, Approve, Wait,
            }, (client, parsed, cancel) => InvokeAsync(desk, client, parsed, cancel)),
        };
        return desk.Online(tools, (client, parsed, cancel) => ListAsync(desk, client, parsed, cancel));
    }

    private static async Task<int> ListAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.ListToolsAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingTool);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["TOOL", "SCOPE", "EFFECT", "DOES"],
            found.Items.Select(t => new[] { t.Name, t.Scope, t.Effect, t.Description }));
        return ExitCode.Ok;
    }

    private static async Task<int> ShowAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var tool = await client.GetToolAsync(parsed.GetRequiredValue(Name), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(tool, ClientJson.Default.Tool);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine($"{tool.Name} ({tool.Scope}, {tool.Effect}): {tool.Description}");
        desk.Terminal.Out.WriteLine(Indented(tool.InputSchema));
        return ExitCode.Ok;
    }

    private static async Task<int> InvokeAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var call = await client.InvokeToolAsync(parsed.GetRequiredValue(Name), Request(parsed), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(call, ClientJson.Default.ToolCall);
        }
        else
        {
            Show(desk.Terminal, call);
        }
        return call.Status == "cancelled" ? ExitCode.Cancelled
            : call.Ok == false ? ExitCode.Failed
            : ExitCode.Ok;
    }

    private static InvokeTool Request(ParseResult parsed)
    {
        return new InvokeTool(ToolInput(parsed.GetValue(Input) ?? []), Policy(parsed),
            parsed.GetValue(Repo), parsed.GetValue(Ref),
            parsed.GetValue(Approve) is { } words ? Pairs.Text(words) : null, parsed.GetValue(Wait));
    }

    /// <summary>What the call may do; null where the options name nothing.</summary>
    internal static CallPolicy? Policy(ParseResult parsed)
    {
        string[] allow = parsed.GetValue(Allow) ?? [], egress = parsed.GetValue(Egress) ?? [];
        return allow.Length + egress.Length == 0 ? null : new CallPolicy(allow, egress);
    }

    internal static JsonElement? ToolInput(string[] given)
    {
        if (given is not [['@', .. var path]])
        {
            return Pairs.ToJson("--input", given);
        }
        try
        {
            using var json = JsonDocument.Parse(Files.Read(path, Pairs.ValueBytesMax));
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7010",
                $"{path}:{e.LineNumber + 1}: the input is no JSON", "write one JSON object into the file");
        }
    }

    private static void Show(Terminal terminal, ToolCall call)
    {
        if (call.Output is { Length: > 0 } output)
        {
            terminal.Out.WriteLine(output.TrimEnd('\n'));
        }
        if (call.Outputs is { } outputs)
        {
            terminal.Out.WriteLine(outputs.GetRawText());
        }
        terminal.Error.WriteLine($"{call.RunId}: {call.Status.Replace('_', ' ')}");
        if (call.ApprovalId is not null)
        {
            // an approval's id is its run's, a dot, and its step's
            terminal.Error.WriteLine(
                $"  aegis approve {call.ApprovalId.Replace(".", " ", StringComparison.Ordinal)}");
        }
        if (call.Error is { } error)
        {
            Failure.Write(terminal.Error, error.Code, error.Message, error.Expected, error.Got, error.Mend);
        }
    }

    private static string Indented(JsonElement? schema)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            schema?.WriteTo(json);
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}

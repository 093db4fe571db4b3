using System.Text.Json;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Forge.Remote;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Keys of clients that a stack's program is not told: what it has stands for them, and the proxy
/// puts the value in where it is bound to.</summary>
public sealed class StackPlaceholderTests : IAsyncLifetime
{
    private const string Value = "s3cr3t-value-that-stays-outside";
    private const string Given = "0ther-value-that-is-given-as-it-is";
    private readonly LoopbackServer open = new(_ => LoopbackServer.Ok("hello"));
    private readonly TlsServer bound = new("localhost");
    private readonly StackGates gates = new();
    private readonly string home = Directory.CreateTempSubdirectory("aegis-placeholder-").FullName;
    private ServerProcess server = null!;
    private StackRuns doors = null!;

    public async Task InitializeAsync()
    {
        var authorities = Path.Combine(gates.Folder, "ca.pem");
        await File.WriteAllTextAsync(authorities, bound.Authority.ExportCertificatePem());
        server = await ServerProcess.StartAsync(home, new Dictionary<string, string>
        {
            ["AEGIS_STACK_PROGRAMS"] = gates.Folder,
            ["AEGIS_EGRESS_PRIVATE_HOSTS"] = $"localhost:{open.Port}, localhost:{bound.Port}",
            ["AEGIS_EGRESS_CA_FILE"] = authorities,
        });
        doors = new StackRuns(server);
        await doors.PutAsync("v1/profile", new { yaml = "policies: { without_approval: [deploy] }" });
        await doors.PutAsync("v1/secrets/api-token", new { value = Value });
        await doors.PutAsync("v1/secrets/plain-token", new { value = Given });
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await open.DisposeAsync();
        await bound.DisposeAsync();
        gates.Dispose();
    }

    [Fact]
    public async Task Placeholder_IsAllThatTheProgramHas_AndTheValueGoesToItsHostAlone()
    {
        // bound to nothing, there is nothing to stand for it
        var placeholders = new { placeholders = new { API_TOKEN = "api-token" } };
        var (unbound, _) = await ApplyAsync("unbound", placeholders);
        Assert.Contains("\nAPI_TOKEN=\n", unbound);
        Assert.Empty(bound.Heads);
        Assert.DoesNotContain("X-Key", open.Asked.Last().Head);

        await doors.PostAsync("v1/secrets/api-token:bind",
            new { hosts = new[] { $"localhost:{bound.Port}" } });
        var (seen, facts) = await ApplyAsync("bound", placeholders);
        Assert.Matches("\nAPI_TOKEN=aegis-secret-[0-9a-f]{32}\n", seen);
        Assert.DoesNotContain(Value, seen);
        Assert.Contains($"X-Key: {Value}\r\n", bound.Heads.Last());
        Assert.Matches("X-Key: aegis-secret-[0-9a-f]{32}\r\n", open.Asked.Last().Head);
        Assert.DoesNotContain(facts, f => f.GetRawText().Contains(Value, StringComparison.Ordinal));
        Assert.DoesNotContain(open.Asked, a => a.Head.Contains(Value, StringComparison.Ordinal));

        // the control: a key that is given as it is stands in the program's environment, for anyone in there
        var (given, _) = await ApplyAsync("given", new { secrets = new { API_TOKEN = "plain-token" } });
        Assert.Contains($"\nAPI_TOKEN={Given}\n", given);
        Assert.Contains($"X-Key: {Given}\r\n", open.Asked.Last().Head);
    }

    /// <summary>What the program had in its environment and was answered, and the facts.</summary>
    private async Task<(string Seen, List<JsonElement> Facts)> ApplyAsync(string stack, object credentials)
    {
        const string Ask = "curl -s --noproxy '' -H \"X-Key: $API_TOKEN\" http://localhost:";
        var project = JsonSerializer.Serialize(new
        {
            resource = new { terraform_data = new { a = new
            {
                input = "one",
                provisioner = new[] { new Dictionary<string, object> { ["local-exec"] = new
                {
                    command = $"{{ echo; printenv; }} > seen; {Ask}{bound.Port}/ >> seen; {Ask}{open.Port}/",
                } } },
            } } },
        });
        object With(string action, object more) => StackRuns.Merged(
            new { name = stack, program = "tofu", action }, StackRuns.Merged(credentials, more));
        var run = await doors.RunAsync(new
        {
            name = "placeholders",
            policy = new
            {
                allow_commands = new[] { "cat" },
                egress_allow = new[] { $"localhost:{bound.Port}", $"localhost:{open.Port}" },
            },
            steps = (object[])
            [
                .. StackRuns.Steps(project, With),
                new { id = "look", uses = "shell.exec", needs = new[] { "apply" },
                    with = new { cmd = "cat infra/seen" } },
            ],
        });
        var facts = await doors.EndedAsync(run);
        return (StackRuns.Of(facts, "TaskCompleted", "look").GetProperty("output").GetString()!, facts);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Gate;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Attack.Tests.Support;

/// <summary>A project with one of everything that the API can make, all of it marked: whatever is named or
/// written holds the project's own mark, so that a leak can be seen wherever it comes out.</summary>
internal sealed class Holding
{
    private readonly AttackFixture server;

    private Holding(AttackFixture server, string tenant, string project)
    {
        (this.server, Tenant, Project) = (server, tenant, project);
        Mark = $"mark{tenant}{project}{RandomNumberGenerator.GetHexString(6, true)}";
    }

    public string Tenant { get; }

    public string Project { get; }

    public string Mark { get; }

    /// <summary>Everything but operator, in this project.</summary>
    public string Key { get; private set; } = "";

    public TenancyKeys Keys { get; private set; }

    /// <summary>What stands for each parameter of a path.</summary>
    public Dictionary<string, string> Ids { get; } = [];

    public string HookSecret => $"hush-{Mark}";

    private string Workflow => $$$"""
        name: flow {{{Mark}}}
        on: [manual, api, webhook, { schedule: { cron: "0 0 29 2 *" } }]
        policy: { allow_commands: [echo] }
        outputs: { x: "${{ steps.ask.ok }}" }
        steps:
        - { id: first, uses: shell.exec, with: { cmd: "echo {{{Mark}}}" } }
        - { id: ask, uses: flow.noop, approve: "go {{{Mark}}}?" }
        """;

    public static async Task<Holding> MakeAsync(AttackFixture server, string tenant, string project)
    {
        var made = new Holding(server, tenant, project);
        await made.FillAsync();
        return made;
    }

    /// <summary>More of what a list would show.</summary>
    public async Task AddMoreAsync()
    {
        await DoAsync("PUT", $"/v1/secrets/more-{Mark}", new { value = Mark });
        await DoAsync("POST", "/v1/repos", new { id = $"more-{Mark}" });
        var run = await DoAsync("POST", "/v1/runs", new { workflow = Workflow });
        await AskedAsync($"{run.GetProperty("run_id").GetString()}.ask");
        await DoAsync("PUT", $"/v1/workflows/more-{Mark}", new { workflow = Workflow });
    }

    private async Task FillAsync()
    {
        Keys = await server.ProjectAsync(Tenant, Project);
        Key = await server.KeyAsync(Tenant, Project, "admin:*");
        (Ids["tenant"], Ids["project"], Ids["tool"]) = (Tenant, Project, "flow.noop");
        // a name that everybody uses, of a queue of each one's own
        Ids["queue"] = "support";
        Ids["secret"] = $"token-{Mark}";
        await DoAsync("PUT", $"/v1/secrets/{Ids["secret"]}", new { value = $"value {Mark}" });
        Ids["outside"] = $"mcp.notes.{Mark}";
        await server.Server.Parts.OutsideTools.SeeAsync(Keys, "notes",
            [new SeenTool(Mark, "sha256:" + new string('0', 64), Encoding.UTF8.GetBytes($"\"{Mark}\""))],
            default);
        Ids["workflow"] = $"own-{Mark}";
        await DoAsync("PUT", $"/v1/secrets/webhook_{Ids["workflow"]}", new { value = HookSecret });
        await DoAsync("PUT", "/v1/secrets/github_webhook", new { value = HookSecret });
        Ids["name"] = $"m{Mark}";
        Ids["article"] = $"own-{Mark}";
        await DoAsync("PUT", "/v1/profile", new
        {
            yaml = $"profile_id: p{Mark}\nmodels: {{ {Ids["name"]}: {Mark} }}\n"
                + "policies: { approvals: { default: support } }",
            files = new Dictionary<string, string>
            {
                ["knowledge/own.md"] = ArticleText.Of(Ids["article"], $"Shape of {Mark}"),
            },
        });
        var artifact = await DoAsync("POST", "/v1/artifacts",
            new { path = $"{Mark}.md", content = $"of {Mark}" });
        Ids["artifact"] = artifact.GetProperty("artifact_id").GetString()!;
        await WebhookAsync();
        await RunsAsync();
        await ForgeAsync();
        var key = await DoAsync("POST", "/v1/keys",
            new { name = $"key {Mark}", scopes = new[] { "runs:read" }, project = Project });
        Ids["key"] = key.GetProperty("key_id").GetString()!;
        var held = await DoAsync("POST", "/v1/locks",
            new { resources = new[] { $"own-{Mark}" }, holder = Mark, ttl_seconds = 3_600 });
        Ids["lease"] = held.GetProperty("lock_id").GetString()!;
        var vaccine = await DoAsync("POST", "/v1/vaccines",
            new { error_pattern = $"mistake of {Mark}", solution_instruction = $"mend of {Mark}" });
        Ids["vaccine"] = vaccine.GetProperty("vaccine_id").GetString()!;
        Ids["deployment"] = $"web-{Mark}";
        await ServedFolder.DeployAsync(server.Server.Parts.DeploymentDesk,
            new Principal($"key:{Mark}", new Tenancy(Tenant, Project), []), Ids["deployment"], Mark);
        Ids["replacement"] = $"rep-{Mark}";
        await server.Ledger.ExecuteAsync("""
            INSERT INTO model_replacements VALUES ($1, $2, $3, 'here', $4, 'there', $4, NULL, 'gone',
              '{"before":1,"now":0,"weight":30,"deviation":0,"peer_quality":1}', now())
            """, Keys.Tenant, Keys.Project, Ids["replacement"], Mark);
        await DoAsync("POST", $"/v1/webhooks/{Ids["webhook"]}:disable", null);
        await DevicesAsync();
        var said = await DoAsync("POST", "/v1/chat", new { message = $"build a shop called {Mark}" });
        Ids["session"] = said.GetProperty("session_id").GetString()!;
    }

    private async Task DevicesAsync()
    {
        var offer = await DoAsync("POST", "/v1/pairings", new { scopes = new[] { "runs:read" } });
        Ids["offer"] = offer.GetProperty("offer_id").GetString()!;
        Ids["device"] = $"dev-{Mark}";
        await server.Ledger.ExecuteAsync("""
            INSERT INTO pairings (tenant_key, project_key, offer_id, pairing_id, device_kind, device_name,
              expires_at) VALUES ($1, $2, $3, $4, 'web', $4, now() + interval '1 hour')
            """, Keys.Tenant, Keys.Project, Ids["offer"], $"pair-{Mark}");
        await server.Ledger.ExecuteAsync("""
            INSERT INTO devices (tenant_key, project_key, device_id, key_id, kind, name, scopes, paired_by)
            VALUES ($1, $2, $3, $4, 'web', $3, '{}', $3)
            """, Keys.Tenant, Keys.Project, Ids["device"], Ids["key"]);
        var terminal = await DoAsync("POST", "/v1/tools/terminal.open:invoke", new
        {
            input = new { cmd = "sleep infinity" }, policy = new { allow_commands = new[] { "sleep" } },
            wait = 0,
        });
        Ids["terminal"] = terminal.GetProperty("run_id").GetString()!;
        await UntilAsync($"/v1/terminals/{Ids["terminal"]}", _ => true);
    }

    private async Task WebhookAsync()
    {
        var made = await DoAsync("POST", "/v1/webhooks",
            new { url = $"https://{Mark}.example.invalid/", secret_name = Ids["secret"] });
        Ids["webhook"] = made.GetProperty("webhook_id").GetString()!;
    }

    private async Task RunsAsync()
    {
        var run = await DoAsync("POST", "/v1/runs", new { workflow = Workflow, dedupe_key = Mark });
        (Ids["plan"], Ids["run"]) =
            (run.GetProperty("plan_id").GetString()!, run.GetProperty("run_id").GetString()!);
        (Ids["step"], Ids["task"], Ids["approval"]) =
            ("first", $"{Ids["run"]}.first", $"{Ids["run"]}.ask");
        var spawn = await DoAsync("POST", "/v1/spawns", new { name = $"own-{Mark}", command = "true" });
        Ids["spawn"] = spawn.GetProperty("spawn_id").GetString()!;
        await AskedAsync(Ids["approval"]);
        await DoAsync("PUT", $"/v1/workflows/{Ids["workflow"]}", new { workflow = Workflow });
        await HookAsync();
        var deliveries = await UntilAsync($"/v1/webhooks/{Ids["webhook"]}/deliveries",
            d => d.GetProperty("items").GetArrayLength() > 0);
        Ids["delivery"] = deliveries.GetProperty("items")[0].GetProperty("delivery_id").GetString()!;
    }

    /// <summary>A run writes nothing more once it waits.</summary>
    private Task<JsonElement> AskedAsync(string approval) => UntilAsync($"/v1/approvals/{approval}",
        a => a.GetProperty("status").GetString() == "pending");

    private async Task HookAsync()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { note = Mark });
        var reply = await server.SendAsync("POST", $"/v1/hooks/{Tenant}/{Project}/{Ids["workflow"]}", null,
            body, "application/json", ("X-Aegis-Signature", Signature(HookSecret, body)));
        Assert.True((int)reply.Status == 202, reply.Text);
    }

    public static string Signature(string secret, byte[] body)
    {
        var seconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()
            .ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret),
            (byte[])[.. Encoding.ASCII.GetBytes(seconds + "."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(mac)}";
    }

    private async Task ForgeAsync()
    {
        Ids["repo"] = $"vault-{Mark}";
        var repo = await DoAsync("POST", "/v1/repos", new { id = Ids["repo"] });
        var url = new Uri(repo.GetProperty("clone_url").GetString()!);
        var folder = TestHome.Make();
        var push = $"http://x:{Key}@{url.Authority}{url.AbsolutePath}";
        await GitAsync(folder, "init", "-q", "-b", "main");
        await GitAsync(folder, "commit", "-q", "--allow-empty", "-m", $"first {Mark}");
        await GitAsync(folder, "push", "-q", push, "main");
        await GitAsync(folder, "checkout", "-q", "-b", $"topic-{Mark}");
        await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), Mark);
        await GitAsync(folder, "add", "-A");
        await GitAsync(folder, "commit", "-q", "-m", $"second {Mark}");
        await GitAsync(folder, "push", "-q", push, $"topic-{Mark}");
        var pull = await DoAsync("POST", $"/forge/repos/{Project}/{Ids["repo"]}/pulls",
            new { title = Mark, head = $"topic-{Mark}", @base = "main", body = Mark });
        Ids["number"] = pull.GetProperty("number").GetInt32().ToString(CultureInfo.InvariantCulture);
        Ids["branch"] = $"topic-{Mark}";
        await DoAsync("POST", $"/forge/repos/{Project}/{Ids["repo"]}/issues/{Ids["number"]}/comments",
            new { body = Mark });
        Ids["sha"] = pull.GetProperty("head").GetProperty("sha").GetString()!;
        Ids["commit"] = $"{Ids["sha"]}/status";
        await DoAsync("POST", $"/forge/repos/{Project}/{Ids["repo"]}/statuses/{Ids["sha"]}",
            new { state = "success", context = Mark });
        var check = await DoAsync("POST", $"/forge/repos/{Project}/{Ids["repo"]}/check-runs",
            new { name = Mark, head_sha = Ids["sha"] });
        Ids["check"] = check.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
    }

    private static async Task GitAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git",
            ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.invalid", .. arguments])
        {
            RedirectStandardError = true,
        };
        using var git = Process.Start(start)!;
        var error = await git.StandardError.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.True(git.ExitCode == 0, error);
    }

    private async Task<JsonElement> DoAsync(string method, string path, object? body)
    {
        var reply = await server.SendAsync(method, path, Key,
            body is null ? null : JsonSerializer.Serialize(body));
        Assert.True((int)reply.Status is >= 200 and < 300, $"{method} {path}: {reply.Text}");
        return reply.Text.Length > 0 ? reply.Json : default;
    }

    private async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> holds)
    {
        Reply reply;
        var tries = 0;
        do
        {
            Assert.True(tries++ < 200, $"{path} did not come to it");
            await server.Ledger.ExecuteAsync("SELECT pg_sleep(0.05)");
            reply = await server.SendAsync("GET", path, Key);
        }
        while ((int)reply.Status != 200 || !holds(reply.Json));
        return reply.Json;
    }
}

using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Vaccines;

/// <summary>The same mistake in other words, in another project, by the product as it is: stopped before the
/// file is there. What is only like it is never stopped.</summary>
[Collection(RealServerGroup.Name)]
public sealed class VaccineGateTests(RealServer real) : IAsyncLifetime
{
    private string shop = "";
    private string blog = "";

    public async Task InitializeAsync()
    {
        var tenant = $"t{Guid.CreateVersion7():n}"[..20];
        shop = await KeyAsync(tenant, "shop");
        blog = await KeyAsync(tenant, "blog");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public static TheoryData<string> Mistakes => [.. Mistake.All.Select(m => m.Language)];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task SameMistake_InOtherWords_IsStopped_BeforeTheFileIsThere(string language)
    {
        var mistake = Mistake.All.Single(m => m.Language == language);
        var id = await MintAsync(mistake);
        foreach (var (path, code) in mistake.Again)
        {
            var seen = await WriteAsync(blog, path, code);
            Assert.Contains(id, seen.Denial, StringComparison.Ordinal);
            Assert.Contains(mistake.Mend, seen.Denial, StringComparison.Ordinal);
            Assert.False(seen.IsThere);
            // the gate said no: the tool was never called, so nothing could have been written and thrown away
            Assert.False(seen.WasCalled);
            var patched = await PatchAsync(blog, path, mistake.Stub, code);
            Assert.Contains(id, patched.Denial, StringComparison.Ordinal);
            Assert.Equal(mistake.Stub.Trim(), patched.Content.Trim());
        }
        await real.UntilAsync(
            "SELECT 'yes' FROM tenant_vaccines WHERE vaccine_id = $1 AND prevented = $2 AND hits = $2 + 1",
            id, 2L * mistake.Again.Count);
        await real.UntilAsync("""
            SELECT 'yes' FROM events WHERE type = 'VaccinePrevented'
             AND convert_from(payload, 'UTF8')::jsonb ->> 'vaccine_id' = $1 HAVING count(*) = $2
            """, id, 2L * mistake.Again.Count);
    }

    [Fact]
    public async Task WithVaccinesOff_TheMistakeIsWritten()
    {
        var mistake = Mistake.All[0];
        await MintAsync(mistake);
        var (path, code) = mistake.Again[0];
        Assert.False((await WriteAsync(blog, path, code)).IsThere);
        var off = await real.SendAsync("PUT", "/v1/profile",
            """{"yaml":"profile_id: p\npolicies: { vaccines: off }"}""", blog);
        Assert.True(off.Status is HttpStatusCode.Created or HttpStatusCode.OK, off.Body.GetRawText());
        var seen = await WriteAsync(blog, path, code);
        Assert.True(seen.IsThere, seen.Denial);
        Assert.Equal("", seen.Denial);
    }

    [Fact]
    public async Task CleanVariants_AreNeverStopped()
    {
        foreach (var mistake in Mistake.All)
        {
            await MintAsync(mistake);
        }
        Assert.True(Mistake.Clean.Count >= 20);
        foreach (var (path, code) in Mistake.Clean)
        {
            var seen = await WriteAsync(blog, path, code);
            Assert.True(seen.IsThere, $"{path}: {seen.Denial}");
        }
    }

    [Fact]
    public async Task AddedPart_IsJudgedWithWhatStandsBefore()
    {
        var mistake = Mistake.All[0];
        var id = await MintAsync(mistake);
        var (path, code) = mistake.Again[0];
        var cut = code.IndexOf('+', StringComparison.Ordinal);
        var steps = $$"""
            - { id: first, uses: file.write, with: { path: "{{path}}", content: {{Json(code[..cut])}} } }
            - id: rest
              uses: file.write
              with: { path: "{{path}}", content: {{Json(code[cut..])}}, append: true }
              continue_on_error: true
            - { id: look, uses: shell.exec, with: { cmd: "cat {{path}}" }, if: "always()" }
            """;
        var seen = await RunAsync(blog, steps, "rest");
        Assert.Contains(id, seen.Denial, StringComparison.Ordinal);
        Assert.Equal(code[..cut].Trim(), seen.Content.Trim());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FileThatACommandWrites_IsNotKept_UnlessVaccinesAreOff(bool isOn)
    {
        var mistake = Mistake.All[0];
        var id = await MintAsync(mistake);
        if (!isOn)
        {
            await real.SendAsync("PUT", "/v1/profile",
                """{"yaml":"profile_id: p\npolicies: { vaccines: off }"}""", blog);
        }
        var (path, code) = mistake.Again[0];
        // no check looks at notes, so the file tool may write the text
        var seen = await RunAsync(blog, $$"""
            - { id: notes, uses: file.write, with: { path: notes.txt, content: {{Json(code)}} } }
            - id: folder
              uses: file.write
              with: { path: "{{path}}", content: {{Json(mistake.Stub)}} }
            - { id: act, uses: shell.exec, with: { cmd: "cp notes.txt {{path}}" }, continue_on_error: true }
            - { id: look, uses: shell.exec, with: { cmd: "cat {{path}}" }, if: "always()" }
            """, "act");
        Assert.True(seen.WasCalled);
        Assert.Equal(isOn ? mistake.Stub.Trim() : code.Trim(), seen.Content.Trim());
        Assert.Equal(isOn, seen.Denial.Contains(id, StringComparison.Ordinal));
    }

    private async Task<string> KeyAsync(string tenant, string project)
    {
        await real.ProjectAsync(new Tenancy(tenant, project));
        return (await real.MakeKeyAsync(new Tenancy(tenant, project))).Secret;
    }

    private async Task<string> MintAsync(Mistake mistake)
    {
        var minted = await real.SendAsync("POST", "/v1/tools/vaccine.mint:invoke", JsonSerializer.Serialize(
            new
            {
                input = new
                {
                    error_log = "scan: injection", failing_code = mistake.Failing, fixed_code = mistake.Fixed,
                    path = mistake.Path, language = mistake.Language, error_pattern = mistake.Pattern,
                    solution_instruction = mistake.Mend, severity = "high", origin_agent = "builder",
                    scope = "tenant",
                },
            }), shop);
        Assert.True(minted.Status == HttpStatusCode.OK, minted.Body.GetRawText());
        var outputs = minted.Body.GetProperty("outputs");
        Assert.True(outputs.GetProperty("enforced").GetBoolean(), minted.Body.GetRawText());
        return outputs.GetProperty("vaccine_id").GetString()!;
    }

    private Task<Seen> WriteAsync(string key, string path, string code) => RunAsync(key, $$"""
        - id: act
          uses: file.write
          with: { path: "{{path}}", content: {{Json(code)}} }
          continue_on_error: true
        - { id: look, uses: shell.exec, with: { cmd: "cat {{path}}" }, if: "always()" }
        """, "act");

    private Task<Seen> PatchAsync(string key, string path, string before, string after)
    {
        var patch = $"{path}\n<<<<<<< SEARCH\n{before.Trim()}\n=======\n{after.Trim()}\n>>>>>>> REPLACE\n";
        return RunAsync(key, $$"""
            - { id: first, uses: file.write, with: { path: "{{path}}", content: {{Json(before)}} } }
            - { id: act, uses: file.patch, with: { patch: {{Json(patch)}} }, continue_on_error: true }
            - { id: look, uses: shell.exec, with: { cmd: "cat {{path}}" }, if: "always()" }
            """, "act");
    }

    private async Task<Seen> RunAsync(string key, string steps, string act)
    {
        var workflow = "name: immune\npolicy: { allow_commands: [cat, cp] }\nsteps:\n" + steps;
        var started = await real.SendAsync("POST", "/v1/runs",
            JsonSerializer.Serialize(new { workflow }), key);
        Assert.True(started.Status == HttpStatusCode.Accepted, started.Body.GetRawText());
        var events = await real.EndedAsync(started.Body.GetProperty("run_id").GetString()!, key);
        var denial = events.Where(e => Of(e, act) && Type(e) == "TaskFailed")
            .Select(e => e.GetProperty("payload").GetProperty("error").ToString()).SingleOrDefault() ?? "";
        var shown = events.SingleOrDefault(e => Of(e, "look") && Type(e) == "TaskCompleted");
        var wasCalled = events.Any(e => Of(e, act) && Type(e) == "ToolCalled");
        return new Seen(denial, shown.ValueKind == JsonValueKind.Object, wasCalled,
            shown.ValueKind == JsonValueKind.Object
                && shown.GetProperty("payload").TryGetProperty("output", out var text)
                ? text.GetString()! : "");
    }

    private static bool Of(JsonElement e, string step) =>
        e.GetProperty("payload").TryGetProperty("step_id", out var id) && id.GetString() == step;

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    // JSON's strings are YAML's
    private static string Json(string text) => JsonSerializer.Serialize(text);

    private sealed record Seen(string Denial, bool IsThere, bool WasCalled, string Content);
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Server.Artifacts;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class ArtifactDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Put_ThenRead_IsAVerifiableVersion()
    {
        var (status, made) = await PutAsync(new { id = "door.one", path = "docs/one.md",
            content = "---\nmood: good\nstatus: draft\n---\n# One\n",
            links = new[] { new { type = "see", @ref = "T-1" } } });
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal((1, "draft", "text/markdown"), (made.GetProperty("version").GetInt32(),
            made.GetProperty("status").GetString(), made.GetProperty("media_type").GetString()));
        var (_, second) = await PutAsync(
            new { id = "door.one", path = "docs/one.md", content = "two", expected_version = 1 });
        Assert.Equal(made.GetProperty("hash_curr").GetString(), second.GetProperty("hash_prev").GetString());

        var (_, first) = await server.SendAsync("GET", "/v1/artifacts/door.one?version=1", server.AcmeKey);
        Assert.Equal("good", first.GetProperty("extra").GetProperty("mood").GetString());
        Assert.Equal("T-1", first.GetProperty("links")[0].GetProperty("ref").GetString());
        var bytes = await BytesAsync("/v1/artifacts/door.one/content?version=1");
        var read = FrontMatterReader.ReadSealed(bytes, "one.md").Value!;
        Assert.Null(ArtifactSeal.Fault(read, await KeyAsync()));
        Assert.Equal(first.GetProperty("front_matter").GetString() + "# One\n",
            Encoding.UTF8.GetString(bytes));
        var (_, verdict) = await server.SendAsync("POST", "/v1/artifacts/door.one:verify", server.AcmeKey);
        Assert.Equal("""{"artifact_id":"door.one","ok":true,"from":1,"to":2,"faults":[]}""",
            verdict.GetRawText());
    }

    [Fact]
    public async Task Versions_AndList_PageByCursor()
    {
        for (var n = 0; n < 3; n++)
        {
            await PutAsync(new { id = "door.paged", path = "paged/p.md", content = $"{n}" });
        }
        await PutAsync(new { id = "door.paged2", path = "paged/q.md", content = "x" });
        Assert.Equal(["3", "2", "1"],
            await PagesAsync("/v1/artifacts/door.paged/versions?limit=1", "version"));
        Assert.Equal(["door.paged2", "door.paged"],
            await PagesAsync("/v1/artifacts?path_prefix=paged/&limit=1", "artifact_id"));
        Assert.Empty(await PagesAsync("/v1/artifacts?run=run_none&limit=1", "artifact_id"));
        Assert.Equal(HttpStatusCode.BadRequest,
            (await server.SendAsync("GET", "/v1/artifacts?status=done", server.AcmeKey)).Status);
    }

    [Theory]
    [InlineData("""{"path":"a.md"}""", 400, "AEGIS6101")]
    [InlineData("""{"path":"a.md","content":"x","content_base64":"eA=="}""", 400, "AEGIS6101")]
    [InlineData("""{"path":"a.md","content_base64":"*"}""", 400, "AEGIS6101")]
    [InlineData("""{"path":"../a.md","content":"x"}""", 422, "AEGIS1161")]
    [InlineData("""{"path":"a.md","content":"x","id":"no/id"}""", 400, "AEGIS6030")]
    [InlineData("""{"path":"a.md","content":"x","status":"done"}""", 400, "AEGIS6030")]
    [InlineData("""{"path":"a.txt","content":"x","media_type":"text"}""", 422, "AEGIS1161")]
    [InlineData("""{"path":"a.md","content":"x","media_type":"text/plain"}""", 422, "AEGIS1161")]
    [InlineData("""{"path":"a.md","content":"x","links":[{"type":"","ref":"x"}]}""", 422, "AEGIS1163")]
    [InlineData("""{"path":"a.md","content":"---\ntenant_id: rival\n---\n"}""", 422, "AEGIS6103")]
    [InlineData("""{"path":"new.md","content":"x","expected_version":3}""", 409, "AEGIS4060")]
    [InlineData("""{"path":"a.md","content":"x","version":3}""", 400, "AEGIS6030")]
    [InlineData("""{"content":"x"}""", 400, "AEGIS6030")]
    public async Task Put_Malformed_IsRefused(string body, int status, string code)
    {
        var (got, problem) = await server.SendAsync("POST", "/v1/artifacts", server.AcmeKey, body);
        Assert.Equal((status, code), ((int)got, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Put_FrontMatter_EveryErrorIsListedWithItsPlace()
    {
        var (_, problem) = await PutAsync(
            new { path = "a.md", content = "---\ntenant_id: rival\nstatus: done\n---\n" });
        Assert.Equal(["a.md:2:12 AEGIS1165", "a.md:3:9 AEGIS1161"], problem.GetProperty("errors")
            .EnumerateArray().Select(e => $"{e.GetProperty("file")}:{e.GetProperty("line")}:"
                + $"{e.GetProperty("column")} {e.GetProperty("code")}"));
    }

    [Fact]
    public void Statuses_OfTheDoors_AreThoseOfTheFrontMatter() =>
        Assert.Equal(ArtifactRules.Statuses.Order(), ArtifactAnswer.Statuses.Split(' ').Order());

    [Fact]
    public async Task Content_IsAnAttachment_WithRangesAndETag()
    {
        await PutAsync(new { id = "door.html", path = "evil.html", content = "<script>alert(1)</script>" });
        using var request = server.Request("GET", "/v1/artifacts/door.html/content", server.AcmeKey);
        using var reply = await server.Http.SendAsync(request);
        Assert.Equal("application/octet-stream", reply.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", reply.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        var tag = reply.Headers.ETag!;
        var hash = Convert.ToHexStringLower(SHA256.HashData("<script>alert(1)</script>"u8));
        Assert.Equal($"\"{hash}\"", tag.Tag);

        using var part = server.Request("GET", "/v1/artifacts/door.html/content", server.AcmeKey);
        part.Headers.Range = new(1, 6);
        using var partial = await server.Http.SendAsync(part);
        Assert.Equal((HttpStatusCode.PartialContent, "script"),
            (partial.StatusCode, await partial.Content.ReadAsStringAsync()));
        using var again = server.Request("GET", "/v1/artifacts/door.html/content", server.AcmeKey);
        again.Headers.IfNoneMatch.Add(tag);
        using var unchanged = await server.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Link_WorksWithoutAKey_AndNoOtherDoes()
    {
        await PutAsync(new { id = "door.link", path = "l.md", content = "first" });
        var (_, link) = await server.SendAsync("POST", "/v1/artifacts/door.link:link", server.AcmeKey, "{}");
        await PutAsync(new { id = "door.link", path = "l.md", content = "second" });
        var path = link.GetProperty("path").GetString()!;
        Assert.EndsWith("first",
            Encoding.UTF8.GetString(await BytesAsync(path, null)), StringComparison.Ordinal);
        var token = path["/v1/downloads/".Length..];
        for (var at = 0; at < token.Length; at++)
        {
            var other = token[at] == 'A' ? 'B' : 'A';
            await AssertNoneAsync(token[..at] + other + token[(at + 1)..]);
        }
        foreach (var wrong in new[]
            { token + "A", token[..^1], token.Split('.')[0], "A.A", new string('A', 1_025) })
        {
            await AssertNoneAsync(wrong);
        }
    }

    [Fact]
    public async Task Link_OfWhatIsNotThere_OrExpired_IsNone()
    {
        await PutAsync(new { id = "door.gone", path = "g.txt", content = "gone" });
        var links = server.Server.Parts.Links;
        var soon = TimeProvider.System.GetUtcNow().AddMinutes(1);
        var fine = new DownloadClaim(ServerFixture.Acme, "door.gone", 1, soon);
        Assert.Equal("gone", Encoding.UTF8.GetString(
            await BytesAsync($"/v1/downloads/{links.Make(fine)}", null)));
        await AssertNoneAsync(links.Make(fine with { Expires = soon.AddMinutes(-2) }));
        await AssertNoneAsync(links.Make(fine with { Version = 2 }));
        await AssertNoneAsync(links.Make(fine with { Tenancy = ServerFixture.Rival }));
        await AssertNoneAsync(links.Make(fine with { Tenancy = new("nobody", "web") }));
        server.Blobs.Delete("acme/web", new Blobs.BlobRef(
            Convert.ToHexStringLower(SHA256.HashData("gone"u8)), 4));
        await AssertNoneAsync(links.Make(fine));
        Assert.Equal(HttpStatusCode.Gone,
            (await server.SendAsync("GET", "/v1/artifacts/door.gone/content", server.AcmeKey)).Status);
    }

    [Theory]
    [InlineData("\"7d\"", 200)]
    [InlineData("604800000", 200)]
    [InlineData("1000", 200)]
    [InlineData("604800001", 400)]
    [InlineData("999", 400)]
    [InlineData("-1", 400)]
    [InlineData("\"soon\"", 400)]
    [InlineData("{}", 400)]
    public async Task Link_LivesFromASecondToSevenDays(string life, int status)
    {
        await PutAsync(new { id = "door.life", path = "l.txt", content = "x" });
        var (got, _) = await server.SendAsync("POST", "/v1/artifacts/door.life:link", server.AcmeKey,
            $$"""{"expires_in":{{life}}}""");
        Assert.Equal(status, (int)got);
    }

    [Fact]
    public async Task Scopes_ReadMayNotWrite_AndAnotherTenantSeesNothing()
    {
        var reader = await server.KeyAsync("acme", "web", "artifacts:read");
        await PutAsync(new { id = "door.scoped", path = "s.md", content = "x" });
        Assert.Equal(HttpStatusCode.OK,
            (await server.SendAsync("GET", "/v1/artifacts/door.scoped", reader)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync("POST", "/v1/artifacts", reader,
            """{"path":"s.md","content":"x"}""")).Status);
        var (_, list) = await server.SendAsync("GET", "/v1/artifacts?limit=200", server.RivalKey);
        Assert.DoesNotContain("door.scoped", list.GetRawText(), StringComparison.Ordinal);
        // the same id is the other tenant's own
        var (_, own) = await server.SendAsync("POST", "/v1/artifacts", server.RivalKey,
            """{"id":"door.scoped","path":"s.md","content":"y"}""");
        Assert.Equal(1, own.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task CommandLine_PutsGetsAndVerifies_OnTheServerAndWithout()
    {
        var home = TestHome.Make();
        var (report, data, pem) = (Path.Combine(home, "r.md"), Path.Combine(home, "d.json"),
            Path.Combine(home, "key.pem"));
        await File.WriteAllTextAsync(report, "# R\n");
        await File.WriteAllTextAsync(data, "{}");
        Assert.Equal(0, (await AegisAsync("artifacts", "put", report, "--id", "cli.r")).Exit);
        await File.WriteAllTextAsync(report, "# R2\n");
        Assert.Equal(0, (await AegisAsync("artifacts", "put", report, "--id", "cli.r")).Exit);
        Assert.Equal(0, (await AegisAsync("artifacts", "put", data, "--id", "cli.d")).Exit);
        await File.WriteAllTextAsync(pem, (await AegisAsync("artifacts", "keys")).Shown);
        var (one, two) = (Path.Combine(home, "1.md"), Path.Combine(home, "2.md"));
        await AegisAsync("artifacts", "get", "cli.r", "--version", "1", "--out", one);
        await AegisAsync("artifacts", "get", "cli.r", "--out", two);
        await AegisAsync("artifacts", "get", "cli.d", "--out", data);

        Assert.Equal(0, (await AegisAsync("artifacts", "verify", "cli.r", "cli.d")).Exit);
        var (exit, shown) = await AegisAsync("artifact", "verify", two, one, data, "--key", pem);
        Assert.Equal((0, true), (exit, shown.Contains("cli.r versions 1 to 2", StringComparison.Ordinal)));
        Assert.Equal(2, (await AegisAsync("artifact", "verify", one)).Exit);
        await File.AppendAllTextAsync(data, " ");
        await File.AppendAllTextAsync(one, " ");
        var (bad, why) = await AegisAsync("artifact", "verify", one, data, "--key", pem, "--json");
        Assert.Equal((1, 2), (bad, why.Split("AEGIS1167").Length - 1));
        Assert.Contains("cli.r", (await AegisAsync("artifacts")).Shown, StringComparison.Ordinal);
        Assert.Contains("signature:", (await AegisAsync("artifacts", "show", "cli.r")).Shown,
            StringComparison.Ordinal);
        Assert.Contains("/v1/downloads/", (await AegisAsync("artifacts", "link", "cli.r")).Shown,
            StringComparison.Ordinal);
        Assert.Equal(6, (await AegisAsync("artifacts", "show", "cli.none")).Exit);
    }

    [Theory]
    [InlineData(1 << 20, 0)]
    [InlineData((1 << 20) + 1, 2)]
    public async Task CommandLine_PutsAMebibyte_AndNoByteMore(int bytes, int exit)
    {
        var file = Path.Combine(TestHome.Make(), "big.bin");
        await File.WriteAllBytesAsync(file, new byte[bytes]);
        Assert.Equal(exit, (await AegisAsync("artifacts", "put", file)).Exit);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(object body) =>
        server.SendAsync("POST", "/v1/artifacts", server.AcmeKey, JsonSerializer.Serialize(body));

    private async Task<byte[]> BytesAsync(string path, bool? withKey = true)
    {
        using var request = server.Request("GET", path, withKey is null ? null : server.AcmeKey);
        using var reply = await server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        return await reply.Content.ReadAsByteArrayAsync();
    }

    private async Task<byte[]> KeyAsync() =>
        (await server.Server.Parts.ArtifactKeys.ListAsync(server.AcmeKeys, default)).Single().PublicKey;

    private async Task AssertNoneAsync(string token)
    {
        var (status, problem) = await server.SendAsync("GET", $"/v1/downloads/{token}", null);
        Assert.True(status == HttpStatusCode.NotFound, $"{token}: {status}");
        Assert.Equal("AEGIS6102", problem.GetProperty("code").GetString());
    }

    private async Task<List<string>> PagesAsync(string path, string member)
    {
        var found = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var (_, page) = await server.SendAsync("GET",
                path + (cursor.Length == 0 ? "" : $"&cursor={cursor}"), server.AcmeKey);
            found.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(i => $"{i.GetProperty(member)}"));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        return found;
    }

    private Task<(int Exit, string Shown)> AegisAsync(params string[] arguments) =>
        server.AegisAsync("", arguments);
}

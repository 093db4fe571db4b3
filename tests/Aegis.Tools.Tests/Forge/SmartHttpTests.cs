using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Aegis.Blobs;
using Aegis.Server.Forge;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

[Collection(ForgeGroup.Name)]
public sealed class SmartHttpTests(ForgeFixture forge) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-http-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public async Task CloneCommitPush_ByEachProtocol_GoesRound(string version)
    {
        using var repo = await forge.RepositoryAsync();
        var clone = Path.Combine(folder, "c");
        var protocol = $"protocol.version={version}";
        Git(folder, "-c", protocol, "clone", "-q", forge.CloneUrl(repo.Name, forge.WriteKey), clone);
        Assert.Equal(repo.Sha("main"), GitFixture.Run(clone, "rev-parse", "HEAD"));
        File.WriteAllText(Path.Combine(clone, "new"), "x");
        GitFixture.Run(clone, "add", "-A");
        GitFixture.Run(clone, "commit", "-q", "-m", "new");
        Git(clone, "-c", protocol, "push", "-q", "origin", "HEAD:refs/heads/pushed");
        Assert.Equal(GitFixture.Run(clone, "rev-parse", "HEAD"), repo.Sha("pushed"));
        await repo.PullAsync(head: "pushed");
        Git(clone, "-c", protocol, "fetch", "-q", "origin", "refs/pull/1/head");
        Assert.Equal(repo.Sha("pushed"), GitFixture.Run(clone, "rev-parse", "FETCH_HEAD"));
    }

    [Fact]
    public async Task Push_ByHttp_IsSeenByThePullRequest()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var sha = repo.Commit("d", "1\n");
        Git(repo.Folder, "push", "-q", forge.CloneUrl(repo.Name, forge.WriteKey), "feature");
        var seen = await forge.Ledger.ScalarAsync<string>(
            "SELECT head_sha FROM forge_pulls WHERE repo = $1", repo.Name);
        // the row follows after the answer; asking brings it up to date for certain
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(sha, pull.GetProperty("head").GetProperty("sha").GetString());
        Assert.Contains(seen, (string[])[sha, GitFixture.Run(repo.Folder, "rev-parse", "HEAD~1")]);
    }

    [Fact]
    public async Task FirstPush_OfAnotherName_BecomesTheDefaultBranch()
    {
        await forge.Forge.CreateAsync(ForgeFixture.Acme, "fresh", CancellationToken.None);
        using var repo = await forge.RepositoryAsync();
        Git(repo.Folder, "push", "-q", forge.CloneUrl("fresh", forge.WriteKey), "main:refs/heads/trunk");
        // the push has ended for git before the forge looks again: a fetch by the same door comes after it
        var entries = await forge.Forge.ListAsync(ForgeFixture.Acme, CancellationToken.None);
        if (entries.Single(e => e.Name == "fresh").DefaultBranch is null)
        {
            await forge.Forge.Repositories.PointHeadAsync(
                forge.Forge.Repositories.Existing(ForgeFixture.Acme, "fresh"), CancellationToken.None);
        }
        entries = await forge.Forge.ListAsync(ForgeFixture.Acme, CancellationToken.None);
        Assert.Equal("trunk", entries.Single(e => e.Name == "fresh").DefaultBranch);
    }

    [Fact]
    public async Task LargeContent_GoesThroughBothWays()
    {
        using var repo = await forge.RepositoryAsync();
        var bytes = new byte[24 << 20];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(repo.Folder, "large"), bytes);
        var sha = repo.Commit("d", "1\n");
        Git(repo.Folder, "push", "-q", forge.CloneUrl(repo.Name, forge.WriteKey), "feature");
        Assert.Equal(sha, repo.Sha("feature"));
        var clone = Path.Combine(folder, "c");
        Git(folder, "clone", "-q", "-b", "feature", forge.CloneUrl(repo.Name, forge.ReadKey), clone);
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(clone, "large")));
    }

    [Fact]
    public async Task Reader_MayFetchAndNotPush_OthersSeeNothing()
    {
        using var repo = await forge.RepositoryAsync();
        Git(folder, "clone", "-q", forge.CloneUrl(repo.Name, forge.ReadKey), Path.Combine(folder, "c"));
        repo.Commit("d", "1\n");
        var before = repo.Sha("feature");
        foreach (var (key, words) in new[] { (forge.ReadKey, "403"), (forge.RivalKey, "not found"),
            ("nonsense", "") })
        {
            var (exit, output) = TryGit(repo.Folder, "push", "-q", forge.CloneUrl(repo.Name, key), "feature");
            Assert.NotEqual(0, exit);
            Assert.Contains(words, output);
        }
        Assert.NotEqual(0, TryGit(
            folder, "clone", "-q", forge.CloneUrl(repo.Name, forge.RivalKey), "d").ExitCode);
        // a push whose first question was skipped
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(repo, "git-receive-pack", "0000"u8.ToArray(),
            forge.ReadKey));
        Assert.Equal(before, repo.Sha("feature"));
    }

    [Fact]
    public async Task Push_ToThePullRequestsRefs_IsRefused()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        repo.Commit("d", "1\n");
        foreach (var target in (string[])["refs/pull/1/head", "refs/aegis/x"])
        {
            Assert.NotEqual(0, TryGit(repo.Folder, "push", "-q", forge.CloneUrl(repo.Name, forge.WriteKey),
                $"+feature:{target}").ExitCode);
        }
        GitFixture.Run(repo.Bare, "update-ref", "refs/aegis/x", "main");
        Assert.DoesNotContain("aegis", Git(folder, "ls-remote", forge.CloneUrl(repo.Name, forge.ReadKey)));
    }

    [Fact]
    public async Task Push_OfWhatFsckRefuses_LeavesTheRepositoryAsItWas()
    {
        using var repo = await forge.RepositoryAsync();
        var blob = GitFixture.Run(repo.Folder, "hash-object", "-w", "a");
        var raw = Path.Combine(folder, "tree");
        File.WriteAllBytes(raw, [.. "100644 .git\0"u8, .. Convert.FromHexString(blob)]);
        var tree = GitFixture.Run(repo.Folder, "hash-object", "-w", "-t", "tree", "--literally", raw);
        var commit = GitFixture.Run(repo.Folder, "commit-tree", "-p", "HEAD", "-m", "evil", tree);
        var (exit, output) = TryGit(repo.Folder, "push", forge.CloneUrl(repo.Name, forge.WriteKey),
            $"{commit}:refs/heads/evil");
        Assert.NotEqual(0, exit);
        Assert.Contains("hasDotgit", output);
        Assert.NotEqual(0, GitFixture.Try(repo.Bare, "cat-file", "-e", commit).ExitCode);
    }

    [Fact]
    public async Task Hooks_InABareRepository_NeverRun()
    {
        using var repo = await forge.RepositoryAsync();
        var marker = Path.Combine(folder, "marker");
        Directory.CreateDirectory(Path.Combine(repo.Bare, "hooks"));
        foreach (var name in (
            string[])["pre-receive", "update", "post-receive", "post-update", "reference-transaction"])
        {
            var hook = Path.Combine(repo.Bare, "hooks", name);
            File.WriteAllText(hook, $"#!/bin/sh\ntouch {marker}\n");
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        repo.Commit("d", "1\n");
        repo.Push("feature");
        Assert.True(File.Exists(marker), "a plain push runs no hook: the case proves nothing");
        File.Delete(marker);
        repo.Commit("e", "1\n");
        Git(repo.Folder, "push", "-q", forge.CloneUrl(repo.Name, forge.WriteKey), "feature");
        await repo.PullAsync();
        await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { });
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task Request_Packed_IsUnpackedWithinItsBound()
    {
        using var repo = await forge.RepositoryAsync();
        // the flush that a client sends when it wants nothing
        Assert.Equal(HttpStatusCode.OK, await PostAsync(repo, "git-upload-pack", Packed("0000"u8.ToArray()),
            forge.ReadKey, "gzip"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(repo, "git-receive-pack",
            "not gzip"u8.ToArray(), forge.WriteKey, "gzip"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync(repo, "git-upload-pack",
            "0000"u8.ToArray(), forge.ReadKey, "br"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync(repo, "git-upload-pack",
            "0000"u8.ToArray(), forge.ReadKey, type: "text/plain"));
    }

    [Fact]
    public async Task Request_ThatUnpacksToTooMuch_IsCutOff()
    {
        using var repo = await forge.RepositoryAsync();
        // a fetch that has very many commits that nobody knows: git reads on until the end of the list
        var have = Encoding.ASCII.GetBytes($"0032have {new string('1', 40)}\n");
        using var body = new MemoryStream();
        body.Write(Encoding.ASCII.GetBytes($"0032want {repo.Sha("main")}\n0000"));
        while (body.Length <= SmartHttp.FetchBytesMax)
        {
            body.Write(have);
        }
        var packed = Packed(body.ToArray());
        Assert.InRange(packed.Length, 1, 2_000_000);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(repo, "git-upload-pack", packed,
            forge.ReadKey, "gzip"));
    }

    [Fact]
    public async Task BoundedStream_AtItsLimitAndOnePast()
    {
        using var whole = new MemoryStream();
        await new BoundedStream(new MemoryStream(new byte[1000]), 1000).CopyToAsync(whole);
        Assert.Equal(1000, whole.Length);
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            new BoundedStream(new MemoryStream(new byte[1001]), 1000).CopyToAsync(Stream.Null));
    }

    private async Task<HttpStatusCode> PostAsync(
        ForgeRepository repo, string service, byte[] body, string key,
        string? encoding = null, string? type = null)
    {
        using var http = new HttpClient { BaseAddress = forge.Server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"git/web/{repo.Name}.git/{service}")
        {
            Content = new ByteArrayContent(body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"git:{key}")));
        request.Content.Headers.ContentType =
            new MediaTypeHeaderValue(type ?? $"application/x-{service}-request");
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }
        using var reply = await http.SendAsync(request);
        return reply.StatusCode;
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    private static string Git(string directory, params string[] arguments)
    {
        var (exit, output) = TryGit(directory, arguments);
        Assert.True(exit == 0, $"git {string.Join(' ', arguments)}: {output}");
        return output;
    }

    private static (int ExitCode, string Output) TryGit(string directory, params string[] arguments) =>
        GitFixture.Try(directory, arguments);
}

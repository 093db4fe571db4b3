using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Server.Forge;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

public sealed class ForgeRepositoriesTests : IDisposable
{
    private static readonly Tenancy Acme = new("acme", "web");
    private readonly string root = Directory.CreateTempSubdirectory("aegis-repos-").FullName;
    private readonly ProcessLauncher launcher = new();
    private readonly GitFixture git = new();
    private readonly ForgeRepositories forge;

    public ForgeRepositoriesTests() => forge = new ForgeRepositories(root, new GitProcess(launcher));

    public void Dispose()
    {
        launcher.Dispose();
        git.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Create_IsEmptyAndListed_OncePerName()
    {
        await forge.CreateAsync(Acme, "b", default);
        await forge.CreateAsync(Acme, "a", default);
        Assert.Equal("a b", string.Join(' ', forge.List(Acme)));
        Assert.Empty(forge.List(new Tenancy("rival", "web")));
        Assert.Equal("main", await forge.DefaultBranchAsync(forge.Existing(Acme, "a"), default));
        Assert.Empty(await forge.BranchesAsync(forge.Existing(Acme, "a"), default));
        Assert.False(Directory.Exists(Path.Combine(forge.Existing(Acme, "a"), "hooks")));
        await ThrowsAsync("AEGIS2202", () => forge.CreateAsync(Acme, "a", default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a.git")]
    [InlineData("a.LOCK")]
    [InlineData("a\n")]
    public async Task Create_WithABadName_IsRefused(string name)
    {
        await ThrowsAsync("AEGIS2201", () => forge.CreateAsync(Acme, name, default));
        Assert.False(forge.Has(Acme, name));
        Assert.Empty(Directory.GetFileSystemEntries(root));
    }

    [Fact]
    public async Task Create_NameAtTheLimitAndOnePast()
    {
        await forge.CreateAsync(Acme, new string('a', IdRule.LengthMax), default);
        await ThrowsAsync("AEGIS2201",
            () => forge.CreateAsync(Acme, new string('a', IdRule.LengthMax + 1), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Import_FromAPathOrABundle_TakesBranchesAndTags(bool bundle)
    {
        GitFixture.Run(git.Seed, "tag", "v1", "main");
        GitFixture.Run(git.Seed, "branch", "-m", "main", "trunk");
        var source = bundle ? Path.Combine(root, "b.bundle") : git.Seed;
        if (bundle)
        {
            GitFixture.Run(git.Seed, "bundle", "create", "-q", source, "--all");
        }
        await forge.ImportAsync(Acme, "app", source, default);
        var path = forge.Existing(Acme, "app");
        Assert.Equal<BranchTip[]>([new("feature", git.FeatureSha), new("trunk", git.MainSha)],
            [.. await forge.BranchesAsync(path, default)]);
        Assert.Equal(git.MainSha, GitFixture.Run(path, "rev-parse", "v1"));
        Assert.Contains(await forge.DefaultBranchAsync(path, default), (string[])["feature", "trunk"]);
        Assert.DoesNotContain(git.Seed, File.ReadAllText(Path.Combine(path, "config")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Import_OfWhatFsckRefuses_MakesNoRepository(bool bundle)
    {
        var blob = GitFixture.Run(git.Seed, "hash-object", "-w", "README.md");
        var raw = Path.Combine(root, "tree");
        File.WriteAllBytes(raw, [.. "100644 .git\0"u8, .. Convert.FromHexString(blob)]);
        var tree = GitFixture.Run(git.Seed, "hash-object", "-w", "-t", "tree", "--literally", raw);
        var evil = GitFixture.Run(git.Seed, "commit-tree", "-m", "evil", tree);
        GitFixture.Run(git.Seed, "update-ref", "refs/heads/evil", evil);
        var source = bundle ? Path.Combine(root, "b.bundle") : git.Seed;
        if (bundle)
        {
            GitFixture.Run(git.Seed, "bundle", "create", "-q", source, "--all");
        }
        await ThrowsAsync("AEGIS2204", () => forge.ImportAsync(Acme, "app", source, default));
        await ThrowsAsync("AEGIS2204",
            () => forge.ImportAsync(Acme, "app", Path.Combine(root, "none"), default));
        Assert.Empty(forge.List(Acme));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(root, ".staging")));
    }

    [Fact]
    public async Task Resolve_BranchShaOrDefault_NamesTheCommit()
    {
        await forge.ImportAsync(Acme, "app", git.Seed, default);
        var path = forge.Existing(Acme, "app");
        await forge.SetDefaultBranchAsync(path, "main", default);
        Assert.Equal(("main", git.MainSha), await AskAsync(null));
        Assert.Equal(("feature", git.FeatureSha), await AskAsync("feature"));
        Assert.Equal(("feature", git.FeatureSha), await AskAsync("refs/heads/feature"));
        Assert.Equal(("main", git.MainSha), await AskAsync(git.MainSha));
        Assert.Equal(("feature", git.FeatureSha), await AskAsync(git.FeatureSha));
        Assert.Equal(("feature", git.MainSha), await AskAsync(git.MainSha, "feature"));
        Assert.Equal(("feature", git.FeatureSha), await AskAsync(git.FeatureSha, "main"));
        GitFixture.Run(path, "update-ref", $"refs/heads/{git.MainSha}", git.FeatureSha);
        Assert.Equal(("main", git.MainSha), await AskAsync(git.MainSha));
        foreach (var absent in (string[])["none", "--all", new string('0', 40), "main~1"])
        {
            await ThrowsAsync("AEGIS2203", () => AskAsync(absent));
        }
        await ThrowsAsync("AEGIS2200",
            async () => await forge.ResolveAsync(Acme, "none", null, null, default));
        await ThrowsAsync("AEGIS2203", () => forge.SetDefaultBranchAsync(path, "none", default));

        async Task<(string, string)> AskAsync(string? reference, string? branch = null)
        {
            var found = await forge.ResolveAsync(Acme, "app", reference, branch, default);
            var run = forge.Find(Acme, found);
            Assert.Equal((path, "main"), (run.BarePath, run.DefaultBranch));
            return (run.Branch, run.Sha);
        }
    }

    [Fact]
    public async Task Delete_RemovesIt()
    {
        await forge.ImportAsync(Acme, "app", git.Seed, default);
        await forge.DeleteAsync(Acme, "app", default);
        Assert.False(forge.Has(Acme, "app"));
        await ThrowsAsync("AEGIS2200", () => forge.DeleteAsync(Acme, "app", default));
        await forge.CreateAsync(Acme, "app", default);
    }

    [Fact]
    public async Task Recover_AfterAKill_RemovesLocksAndHalfReceivedPacks()
    {
        await forge.ImportAsync(Acme, "app", git.Seed, default);
        var path = forge.Existing(Acme, "app");
        File.WriteAllText(Path.Combine(path, "refs", "heads", "main.lock"), "");
        File.WriteAllText(Path.Combine(path, "packed-refs.lock"), "");
        File.WriteAllText(Path.Combine(path, "objects", "pack", "tmp_pack_x"), "half");
        Directory.CreateDirectory(Path.Combine(path, "objects", "tmp_objdir-incoming-x"));
        Directory.CreateDirectory(Path.Combine(root, ".staging", "half"));
        Directory.CreateDirectory(Path.Combine(root, "tenant.git", "project.git"));
        Assert.NotEqual(0, GitFixture.Try(path, "update-ref", "refs/heads/main", git.FeatureSha).ExitCode);
        forge.Recover();
        GitFixture.Run(path, "update-ref", "refs/heads/main", git.FeatureSha);
        Assert.Empty(Directory.GetFiles(path, "*tmp*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.Combine(root, ".staging")));
        Assert.Equal("", GitFixture.Run(path, "fsck", "--strict"));
    }

    private static async Task ThrowsAsync(string code, Func<Task> act) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<AegisException>(act)).Error.Code);
}

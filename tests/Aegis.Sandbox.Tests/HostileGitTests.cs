namespace Aegis.Sandbox.Tests;

/// <summary>A repository's configuration, hooks, filters and addresses are programs. Git runs in the sandbox
/// alone, so what they do stays behind its walls; on the host the same repository reaches the host.</summary>
[Collection("sandbox")]
public sealed class HostileGitTests(SandboxFixture sandbox)
{
    public static TheoryData<string, string, string> Repositories() => new()
    {
        { "fsmonitor", "git config core.fsmonitor 'touch MARK; false'", "git status" },
        { "hook",
            "git -c user.name=a -c user.email=a@b commit -qm x --allow-empty; cd .git/hooks; "
                + "printf '#!/bin/sh\\ntouch MARK' >post-checkout; chmod +x post-checkout; cd ../..",
            "git checkout -q -b other" },
        { "hooks path", "mkdir h; printf '#!/bin/sh\\ntouch MARK' >h/pre-commit; chmod +x h/pre-commit; "
            + "git config core.hooksPath h",
                "git -c user.name=a -c user.email=a@b commit -qm x --allow-empty" },
        { "filter",
            "git config filter.x.clean 'touch MARK; cat'; echo '* filter=x' >.gitattributes; echo f >f",
            "git add f" },
        { "external diff", "echo a >f; git add f; echo b >f; git config diff.external 'touch MARK'",
            "git diff" },
        { "alias", "git config alias.st '!touch MARK'", "git st" },
        { "address of a remote", "git config protocol.ext.allow always; "
            + "git config remote.o.url 'ext::touch MARK'", "git fetch o" },
        { "address of a submodule",
            "printf '[submodule \"s\"]\\n path = s\\n url = ext::touch MARK\\n' >.gitmodules; "
            + "git update-index --add --cacheinfo 160000,$(printf %040d 1),s",
                "git -c protocol.ext.allow=always submodule update --init" },
        { "ssh command", "git config core.sshCommand 'touch MARK; false'", "git fetch ssh://nowhere/x" },
        { "credential helper", "git config credential.helper '!touch MARK'",
            "printf 'protocol=https\\nhost=nowhere\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill" },
    };

    [Theory]
    [MemberData(nameof(Repositories))]
    public async Task Repository_ThatStartsPrograms_ReachesNothingOfTheHost(string name, string made,
        string act)
    {
        var home = Directory.CreateTempSubdirectory("aegis-git-").FullName;
        var mark = Path.Combine(home, "mark");
        var script = $"mkdir repo && cd repo && git init -q && {made}; {act} >/dev/null 2>&1; true"
            .Replace("MARK", mark, StringComparison.Ordinal);
        Assert.Equal(0, (await sandbox.RunAsync("sh", "-c", script)).Exit);
        Assert.False(File.Exists(mark), name);
        // within its walls it did run: the same with a place that the command may write
        Assert.Equal("ran", (await sandbox.RunAsync("sh", "-c",
            script.Replace(mark, "/tmp/mark", StringComparison.Ordinal)
                + "; test -e /tmp/mark && echo ran")).Stdout);
        await sandbox.OnHostAsync("sh", "-c", $"cd {home} && HOME={home} && export HOME && {script}");
        Assert.True(File.Exists(mark), name);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task OpenFiles_OfTheServer_AreNotTheCommands()
    {
        var spec = SandboxFixture.Spec("sh", "-c", "ls /proc/self/fd | tr '\\n' ' '");
        // 3 is the folder that ls itself has open
        Assert.Equal("0 1 2 3", (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Stdout);
        Assert.Equal("0 1 2 3", (await SandboxFixture.RunAsync(sandbox.Runner,
            spec with { Env = spec.Env.Add("A", "b") })).Stdout);
    }
}

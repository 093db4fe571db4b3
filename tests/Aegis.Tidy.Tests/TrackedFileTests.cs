using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>What holds for every file of the project, whatever its language.</summary>
public sealed class TrackedFileTests
{
    // put together from pieces, so that this file does not hold what it looks for
    private static readonly Regex HostOfARegistry = new(string.Join('|',
        "registry" + @"\.npmjs", "registry" + @"\.yarnpkg", "api" + @"\.nuget\.org", "pypi" + @"\.org",
        "files" + @"\.pythonhosted", "deb" + @"\.debian\.org", "archive" + @"\.ubuntu\.com",
        "crates" + @"\.io/",
        @"https?://registry" + @"\.(?!example\.org)"));

    private static readonly Regex PathOfAMachine = new(
        @"(?<![\w.])/(work/(main|wt|shared|steering|[.]library|[.]mirror)|root/[a-z.]|home/[a-z]+/)");

    [Fact]
    public void Files_AreText()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        Finding.None(SourceTree.Files.Where(f =>
        {
            var bytes = SourceTree.Bytes(f);
            try
            {
                strict.GetCharCount(bytes);
            }
            catch (DecoderFallbackException)
            {
                return true;
            }
            return bytes.Contains((byte)0) || bytes.Contains((byte)'\r');
        }));
    }

    [Fact]
    public void Files_NameNoHostOfARegistry() => Finding.None(Finding.Of(HostOfARegistry, SourceTree.Files));

    [Fact]
    public void Files_NameNoPathOfAMachine() => Finding.None(Finding.Of(PathOfAMachine, SourceTree.Files));

    [Fact]
    public void NpmLocks_NameNoHost() =>
        Finding.None(Finding.Of(new Regex("\"resolved\""),
            SourceTree.Files.Where(f => Path.GetFileName(f) == "package-lock.json")));

    [Fact]
    public void NpmProjects_KeepHostsOutOfTheirLocks() =>
        Finding.None(SourceTree.Files.Where(f => Path.GetFileName(f) == "package-lock.json")
            .Where(f => !SourceTree.Text(Path.Combine(Path.GetDirectoryName(f)!, ".npmrc"))
                .Contains("omit-lockfile-registry-resolved=true", StringComparison.Ordinal)));

    [Theory]
    [InlineData("see https://" + "registry" + ".npmjs.org/jest", true)]
    [InlineData("egress_allow: [\"github.com\",\"registry.example.org\"]", false)]
    public void HostOfARegistry_IsRecognised(string line, bool found) =>
        Assert.Equal(found, HostOfARegistry.IsMatch(line));

    [Theory]
    [InlineData("cd /" + "root/project", true)]
    [InlineData("cwd: /work/app", false)]
    public void PathOfAMachine_IsRecognised(string line, bool found) =>
        Assert.Equal(found, PathOfAMachine.IsMatch(line));
}

using System.Text.RegularExpressions;
using Aegis.Core.Discovery;
using Aegis.Discovery.Programs;
using Aegis.Discovery.Tests.Support;
using Aegis.Processes;
using Xunit.Abstractions;

namespace Aegis.Discovery.Tests;

/// <summary>What is found on PATH, what is asked, and what is not.</summary>
[Collection(OpenFileGroup.Name)]
public sealed class ProgramSurveyTests(ITestOutputHelper output) : IDisposable
{
    private readonly ProgramFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Programs_AreFoundAndAsked()
    {
        var path = folder.Script("one", "echo one 1.2.3-rc.1 of today");
        folder.Script("errs", "echo version 4.5 >&2; exit 3");
        folder.Script("mute", "exit 7");
        folder.Script("words", "echo no number");
        var looked = await folder.LookAsync(["one", "errs", "mute", "words", "none"]);
        Assert.Equal("none", Assert.Single(looked.Missing));
        Assert.Equal([("errs", "4.5", null), ("mute", null, "it ended with 7"), ("one", "1.2.3-rc.1", null),
            ("words", null, "it says no version that is understood")],
            looked.Found.Select(p => (p.Known.Name, p.Version, p.Why)));
        Assert.Equal(path, looked.Found.Single(p => p.Known.Name == "one").Path);
    }

    [Fact]
    public async Task FirstFolderOfPath_Decides()
    {
        var other = Path.Combine(folder.Root, "other");
        folder.Script("one", "echo 1.1");
        folder.Script("one", "echo 2.2", other);
        var looked = await folder.LookAsync(["one"], $"{other}:{folder.Bin}");
        Assert.Equal("2.2", Assert.Single(looked.Found).Version);
    }

    [Fact]
    public async Task FoldersOfPath_ThatAreNotAbsolute_AreLeftOut()
    {
        folder.Script("one", "echo 1.1");
        var looked = await folder.LookAsync(["one"], $".:bin:{Path.GetRelativePath("/", folder.Bin)}");
        Assert.Empty(looked.Found);
        Assert.Equal(3, looked.LeftOut.Length);
    }

    [Theory]
    [InlineData("file", UnixFileMode.OtherWrite)]
    [InlineData("file", UnixFileMode.GroupWrite)]
    [InlineData("file", UnixFileMode.SetUser)]
    [InlineData("folder", UnixFileMode.OtherWrite)]
    [InlineData("folder above", UnixFileMode.GroupWrite)]
    [InlineData("link", UnixFileMode.OtherWrite)]
    public async Task Program_ThatOthersCouldHaveChanged_IsShownAndNotAsked(string what, UnixFileMode mode)
    {
        var mark = folder.Mark("ran");
        var script = folder.Script("one", $"touch {mark}; echo 1.1", what == "link"
            ? Path.Combine(folder.Root, "elsewhere") : null);
        if (what == "link")
        {
            File.CreateSymbolicLink(Path.Combine(folder.Bin, "one"), "../elsewhere/one");
        }
        var place = what switch
        {
            "folder" => folder.Bin,
            "folder above" => folder.Root,
            "link" => Path.GetDirectoryName(script)!,
            _ => script,
        };
        var before = File.GetUnixFileMode(place);
        File.SetUnixFileMode(place, before | mode);
        var found = Assert.Single((await folder.LookAsync(["one"])).Found);
        Assert.Null(found.Version);
        Assert.StartsWith("not asked: ", found.Why);
        Assert.Contains(place, found.Why, StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
        // the control: without that right it is asked
        File.SetUnixFileMode(place, before);
        Assert.Equal("1.1", Assert.Single((await folder.LookAsync(["one"])).Found).Version);
        Assert.True(File.Exists(mark));
    }

    [Fact]
    public async Task Program_SeesNothingOfTheCallersEnvironment()
    {
        Environment.SetEnvironmentVariable("AEGIS_TEST_API_KEY", "sk-secret");
        var seen = folder.Mark("seen");
        folder.Script("one", $"env > {seen}; pwd >> {seen}; cat >> {seen}; echo 1.1");
        await folder.LookAsync(["one"]);
        Environment.SetEnvironmentVariable("AEGIS_TEST_API_KEY", null);
        var lines = await File.ReadAllLinesAsync(seen);
        Assert.Equal(["CI", "DO_NOT_TRACK", "HOME", "LC_ALL", "NO_COLOR", "PATH", "TMPDIR"],
            lines.Where(l => l.Contains('=')).Select(l => l.Split('=')[0])
                .Where(n => n is not ("PWD" or "OLDPWD" or "SHLVL" or "_")).Order());
        var home = lines.Single(l => l.StartsWith("HOME=", StringComparison.Ordinal))[5..];
        Assert.Contains(home, lines);
        Assert.False(Directory.Exists(home));
        // standard input was empty: cat ended
        Assert.DoesNotContain("sk-secret", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_ThatDoesNotEnd_IsEndedWithAllThatItStarted()
    {
        var pids = folder.Mark("pids");
        folder.Script("one", $"sleep 600 & echo $! > {pids}; echo $$ >> {pids}; wait");
        folder.Script("two", "echo 2.2");
        var looked = await folder.LookAsync(["one"],
            times: new SurveyTimes(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)));
        Assert.Equal("it did not answer in time", Assert.Single(looked.Found).Why);
        // under load the script may not have come to its first line; what it wrote has ended
        foreach (var pid in File.Exists(pids) ? await File.ReadAllLinesAsync(pids) : [])
        {
            if (PidRecord.Read(int.Parse(pid)) is { } record)
            {
                // killed, it may still be on its way out; one that lives on runs into a timeout
                await OrphanReaper.GoneAsync(record);
            }
        }
        Assert.Equal("2.2", Assert.Single((await folder.LookAsync(["two"])).Found).Version);
    }

    [Fact]
    public async Task Program_WhoseChildKeepsItsOutput_IsNotWaitedFor()
    {
        folder.Script("one", "sleep 600 & echo 1.1");
        Assert.Equal("1.1", Assert.Single((await folder.LookAsync(["one"])).Found).Version);
    }

    [Theory]
    [InlineData(VersionAsker.OutputBytesMax, "1.1", null)]
    [InlineData(VersionAsker.OutputBytesMax + 1, null, "it prints more than 16384 bytes")]
    public async Task Output_IsReadUpToItsLimit(int bytes, string? version, string? why)
    {
        // the version stands last
        folder.Script("one", $"head -c {bytes - 4} /dev/zero | tr '\\0' x; echo; printf 1.1");
        var found = Assert.Single((await folder.LookAsync(["one"])).Found);
        Assert.Equal((version, why), (found.Version, found.Why));
    }

    [Fact]
    public async Task Output_WithoutEnd_IsCut()
    {
        folder.Script("one", "yes");
        Assert.Equal("it prints more than 16384 bytes",
            Assert.Single((await folder.LookAsync(["one"])).Found).Why);
    }

    [Fact]
    public async Task TimeForAll_BoundsHowManyAreAsked()
    {
        string[] names = [.. Enumerable.Range(0, ProgramSurvey.AskedAtOnceMax + 1).Select(i => $"p{i:00}")];
        foreach (var name in names)
        {
            folder.Script(name, "sleep 600");
        }
        var looked = await folder.LookAsync(names,
            times: new SurveyTimes(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(8)));
        Assert.Equal(names, looked.Found.Select(p => p.Known.Name));
        Assert.Equal(1, looked.Found.Count(p => p.Why == "not asked: the time for all was over"));
    }

    [Fact]
    public async Task Package_TellsTheVersion_AndNothingIsStarted()
    {
        var mark = folder.Mark("ran");
        var script = folder.Script("cli.js", $"touch {mark}", Path.Combine(folder.Root, "lib/npm/bin"));
        File.CreateSymbolicLink(Path.Combine(folder.Bin, "npm"), script);
        await File.WriteAllTextAsync(Path.Combine(folder.Root, "lib/npm/package.json"),
            """{"name":"npm","version":"10.9.0"}""");
        var catalogue = new ProgramCatalogue(ProgramCatalogue.BuiltIn.Programs.RemoveRange(
            ProgramCatalogue.BuiltIn.Programs.Keys.Where(n => n != "npm")));
        Assert.Equal("10.9.0",
            Assert.Single((await folder.LookAsync(catalogue, folder.Bin)).Found).Version);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task ThisMachine_HasGit_AndTellsItsVersion()
    {
        var looked = await folder.LookAsync(ProgramCatalogue.BuiltIn, "/usr/local/bin:/usr/bin:/bin");
        var git = looked.Found.Single(p => p.Known.Name == "git");
        Assert.Matches(new Regex(@"^\d+\.\d+"), git.Version);
        Assert.Equal(ProgramCatalogue.BuiltIn.Programs.Count, looked.Found.Length + looked.Missing.Length);
        var quick = await folder.LookAsync(
            ProgramCatalogue.BuiltIn, "/usr/local/bin:/usr/bin:/bin", SurveyTimes.Default);
        output.WriteLine($"{quick.Found.Length} found, {quick.Found.Count(p => p.Version is not null)} with "
            + $"a version, in {quick.Took.TotalMilliseconds:0} ms");
        foreach (var program in looked.Found)
        {
            output.WriteLine($"{program.Known.Name} {program.Version} {program.Why}");
        }
    }
}

using System.Text.Json;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Shell;

public sealed class ShellExecTests : IDisposable
{
    private readonly HostExecution execution = new();
    private readonly ShellExec tool = new();

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Command_ThatWorks_AnswersStdoutAndCounts()
    {
        var result = (await tool.CallAsync(execution, new { cmd = "echo hi; echo no >&2; pwd" })).MustWork();
        Assert.Equal("hi\n/work\n", result.Text);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("""{"exit_code":0,"stdout_bytes":9,"stderr_bytes":3,"timed_out":false}""",
            result.OutputsText());
    }

    [Fact]
    public async Task Command_ThatFails_AnswersItsCodeAndLastLine()
    {
        var result = await tool.CallAsync(
            execution, new { cmd = "echo kept; echo first >&2; echo why >&2; exit 7" });
        result.MustFail("AEGIS2101");
        Assert.Equal((7, "kept\n", "exit code 7, and at the end: why"),
            (result.ExitCode, result.Text, result.Error!.Got));
    }

    [Fact]
    public async Task Command_PastItsTimeout_IsEndedAndSaysSo()
    {
        var result = await tool.CallAsync(execution, new { cmd = "echo begun; sleep 60", timeout = 300 });
        result.MustFail("AEGIS2102");
        Assert.True(result.Output("timed_out").GetBoolean());
    }

    [Theory]
    [InlineData("app")]
    [InlineData("/work/app")]
    [InlineData("/app/workplace/app")]
    public async Task Cwd_InsideWork_IsWhereTheCommandRuns(string cwd)
    {
        Directory.CreateDirectory(Path.Combine(execution.Work, "app"));
        Assert.Equal("/work/app\n", (await tool.CallAsync(execution, new { cmd = "pwd", cwd }))
            .MustWork().Text);
    }

    [Fact]
    public async Task Cwd_Missing_IsNotAFailureOfTheCommand() =>
        (await tool.CallAsync(execution, new { cmd = "true", cwd = "nowhere" })).MustFail("AEGIS2105");

    [Fact]
    public async Task Cwd_CommandThatItselfEndsWith125_IsAFailureOfTheCommand()
    {
        Directory.CreateDirectory(Path.Combine(execution.Work, "app"));
        (await tool.CallAsync(execution, new { cmd = "exit 125", cwd = "app" })).MustFail("AEGIS2101");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("/etc")]
    public async Task Cwd_OutsideWork_IsRefusedBeforeAnythingRuns(string cwd)
    {
        (await tool.CallAsync(execution, new { cmd = "true", cwd })).MustFail("AEGIS2100");
        Assert.Empty(execution.SandboxCommands);
    }

    [Fact]
    public async Task Env_IsGivenToTheCommand() =>
        Assert.Equal("v w", (await tool.CallAsync(execution,
            new { cmd = "printf %s \"$A_1\"",
                env = new Dictionary<string, string> { ["A_1"] = "v w" } })).Text);

    [Theory]
    [InlineData("1A")]
    [InlineData("A-B")]
    [InlineData("AEGIS_OUTPUT")]
    [InlineData("")]
    public async Task Env_WithABadName_IsRefused(string name) =>
        (await tool.CallAsync(execution,
            new { cmd = "true", env = new Dictionary<string, string> { [name] = "" } }))
                .MustFail("AEGIS2104");

    [Fact]
    public async Task NamedOutputs_LinesAndHeredocs_AreReadAndTheFileIsGone()
    {
        const string cmd = """
            echo "version=1.2=3" >> "$AEGIS_OUTPUT"
            printf 'notes<<END\none\n two=2\nEND\n' >> "$AEGIS_OUTPUT"
            """;
        var result = (await tool.CallAsync(execution, new { cmd })).MustWork();
        Assert.Equal("1.2=3", result.Output("version").GetString());
        Assert.Equal("one\n two=2", result.Output("notes").GetString());
        Assert.Empty(Directory.GetFileSystemEntries(execution.Work));
    }

    [Fact]
    public async Task NamedOutputs_OfAFailedCommand_AreKept()
    {
        var result = await tool.CallAsync(execution, new { cmd = "echo a=b > $AEGIS_OUTPUT; exit 1" });
        result.MustFail("AEGIS2101");
        Assert.Equal("b", result.Output("a").GetString());
    }

    [Theory]
    [InlineData("echo nonsense > $AEGIS_OUTPUT")]
    [InlineData("echo exit_code=0 > $AEGIS_OUTPUT")]
    [InlineData("echo 'a b=0' > $AEGIS_OUTPUT")]
    [InlineData("echo 'a<<END' > $AEGIS_OUTPUT")]
    [InlineData("yes a=b | head -c 49153 > $AEGIS_OUTPUT")]
    [InlineData("seq -f 'n%.0f=1' 101 > $AEGIS_OUTPUT")]
    public async Task NamedOutputs_Malformed_FailTheStep(string cmd) =>
        (await tool.CallAsync(execution, new { cmd })).MustFail("AEGIS2103");

    [Fact]
    public async Task NamedOutputs_AtTheLimits_AreRead()
    {
        (await tool.CallAsync(execution, new { cmd = "yes a=b | head -c 49152 > $AEGIS_OUTPUT" })).MustWork();
        (await tool.CallAsync(execution, new { cmd = "seq -f 'n%.0f=1' 100 > $AEGIS_OUTPUT" })).MustWork();
    }

    [Fact]
    public async Task Text_LongerThanTheLimit_IsTheTailAtAWholeCharacter()
    {
        // 65,537 bytes that end in one of two-byte characters: the cut falls inside a character
        var result = (await tool.CallAsync(execution,
            new { cmd = "printf a; for i in $(seq 32768); do printf ñ; done" })).MustWork();
        Assert.Equal(new string('ñ', 32768), result.Text);
        result = (await tool.CallAsync(execution,
            new { cmd = "for i in $(seq 32768); do printf ñ; done; printf a" })).MustWork();
        Assert.Equal(new string('ñ', 32767) + "a", result.Text);
    }

    [Theory]
    [InlineData("""{"cmd":""}""")]
    [InlineData("""{}""")]
    [InlineData("""{"cmd":"a","other":1}""")]
    [InlineData("""{"cmd":"a","cmd":"b"}""")]
    [InlineData("""{"cmd":"a","timeout":0}""")]
    [InlineData("""{"cmd":"a","timeout":"25h"}""")]
    public void Check_WrongInput_IsRefused(string json) =>
        Assert.Equal("AEGIS2001", tool.Check(JsonElement.Parse(json))?.Code);
}

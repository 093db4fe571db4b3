using Aegis.Core.Errors;

namespace Aegis.Core.Tests.Plans;

public sealed class ExpressionCheckTests
{
    private const string Head = "name: w\ninputs: {who: {}}\nenv: {E: '${context.branch}', F: plain, G: "
        + "'${{ context.sha }}'}\n"
        + "steps:\n  - {id: a, uses: t}\n  - {id: b, uses: t, needs: []}\n  - id: c\n    uses: t\n    "
        + "needs: a\n";

    [Theory]
    [InlineData("if: steps.a.ok && inputs.who == 'x'", "")]
    [InlineData("if: ${{ steps.a.ok }}", "")]
    [InlineData("if: true", "")]
    [InlineData("if: steps.b.ok", "10:9 1088")]
    [InlineData("if: 1 == steps.zz.ok", "10:14 1087")]
    [InlineData("if: \"${{ steps.c.ok }}\"", "10:14 1088")]
    [InlineData("if: steps.a.okay", "10:9 1087")]
    [InlineData("if: steps[context.x].ok", "10:9 1087")]
    [InlineData("if: contains(steps.*.outcome, 'failure')", "")]
    [InlineData("if: inputs.whom", "10:9 1087")]
    [InlineData("if: secrets.X", "10:9 1089")]
    [InlineData("env: {X: '${{ secrets.X }}'}\nwith: {x: '${secrets.X}', "
        + "cmd: 'a ${{ secrets.X }} ${{ env.X }}'}", "")]
    [InlineData("with: {x: '${{ secrets }}', y: '${{ secrets[inputs.who] }}', z: '${{ secrets.*.a }}'}",
        "10:20 1089, 10:41 1089, 10:74 1089")]
    [InlineData("retry: {max: 1, on: failure, delay: 1s}\nforeach: \"${{ secrets.X }}\"", "11:19 1089")]
    [InlineData("if: item.x || index", "10:9 1089, 10:19 1089")]
    [InlineData("if: github.ref == 'x'", "10:9 1083")]
    [InlineData("if: sucess()", "10:9 1084")]
    [InlineData("if: hashFiles('x')", "")]
    [InlineData("foreach: \"${{ fromJSON(hashFiles('x')) }}\"", "10:28 1086")]
    [InlineData("with: {x: \"a ${{ 1 }} ${{ case(true, hashFiles('x'), 1) }}\"}", "")]
    [InlineData("if: case(steps.a.ok, inputs.who == 'x', false)", "")]
    [InlineData("with: {x: \"${{ case(steps.a.ok, 1, 2) }}\"}", "")]
    [InlineData("with: {cmd: \"${{ case(steps.a.output == 'x', 'a', steps.a.output) }}\"}", "10:55 1090")]
    [InlineData("if: contains('x')", "10:9 1085")]
    [InlineData("if: (1", "10:11 1081")]
    [InlineData("if: \"a ${{ true }}\"", "10:12 1095")]
    [InlineData("if:", "10:8 1013")]
    [InlineData("with: {x: 'a ${{ steps.b.output }}'}", "10:22 1088")]
    [InlineData("with: {x: '${steps.b.output} ${HOME}'}", "10:18 1088")]
    [InlineData("foreach: {items: [1], as: file}\nwith: {x: '${file.p} ${file}'}", "")]
    [InlineData("foreach: {items: [1], as: file}\nwith: {x: '${file.p} ${{ nofile.p }}'}", "11:30 1083")]
    [InlineData("foreach: {items: \"${{ fromJSON(steps.a.output) }}\", as: file}\nenv: {X: '${file.p}'}\n"
        + "with: {cmd: \"${{ env.X }}\"}", "12:22 1090")]
    [InlineData("with: {x: '${{ steps.a.output'}", "10:16 1091")]
    [InlineData("with: {'${{ 1 }}': 1}", "10:12 1092")]
    [InlineData("with: {x: '${{ success() }}'}", "10:20 1089")]
    [InlineData("with:\n  x: |\n    one\n    two ${{ bad }}", "13:17 1083")]
    [InlineData("env: {X: '${{ steps.b.output }}'}", "10:19 1088")]
    [InlineData("with: {cmd: 'echo ${steps.b.output} ${HOME}'}", "")]
    [InlineData("with: {cmd: 'echo ${{ steps.a.output }}'}", "10:27 1090")]
    [InlineData("with: {cmd: ['${{ steps.a.outputs.x }}', '${{ steps.a.error }}']}",
        "10:23 1090, 10:51 1090")]
    [InlineData("with: {deep: {cmd: '${{ context.branch }} ${{ context.event.title }}'}}",
    "10:29 1090, 10:51 1090")]
    [InlineData("with: {cmd: '${{ context.sha }} ${{ inputs.who }} ${{ run.id }} ${{ steps.a.attempts }}'}",
    "")]
    [InlineData("with: {cmd: \"${{ context.branch == 'main' && 'a' || 'b' }}\"}", "")]
    [InlineData("with: {cmd: \"${{ contains(steps.a.output, 'x') }}\"}", "")]
    [InlineData("with: {cmd: \"${{ 'a' && toJSON(steps) }}\"}", "10:36 1090")]
    [InlineData("with: {cmd: \"${{ fromJSON(steps.a.output).x }}\"}", "10:31 1090")]
    [InlineData("with: {cmd: \"${{ env.F }} ${{ env.G }}\"}", "")]
    [InlineData("with: {cmd: \"${{ env.E }}\"}", "10:22 1090")]
    [InlineData("with: {cmd: \"${{ env['e'] }}\"}", "10:22 1090")]
    [InlineData("with: {cmd: \"${{ toJSON(env) }}\"}", "10:29 1090")]
    [InlineData("env: {X: '${{ env.E }}', Y: '${env.X}'}\nwith: {cmd: \"${{ env.Y }}\"}", "11:22 1090")]
    [InlineData("env: {X: '${env.Y}', Y: '${env.X}'}\nwith: {cmd: \"${{ env.Y }}\"}", "")]
    public void Compile_Expression_IsHeldAgainstWhatItReads(string lines, string expected) =>
        Assert.Equal(expected,
        Compiling.Errors(Head
            + string.Concat(lines.Split('\n').Select(l => $"    {l}\n"))));

    [Theory]
    [InlineData("env: {X: '${steps.a.output}'}", "2:13 1089")]
    [InlineData("env: {X: '${env.Y}'}", "2:13 1089")]
    [InlineData("policy: {allow_commands: ['${{ inputs.x }}']}", "2:27 1092")]
    public void Compile_ExpressionAtTheTop_SeesNoSteps(string line, string expected) =>
        Assert.Equal(expected, Compiling.Errors($"name: w\n{line}\nsteps:\n  - {{id: a, uses: t}}"));

    [Fact]
    public void Compile_StepThatIsNotNeeded_SaysWhichNeedIsMissing()
    {
        var result = Compiling.Compile(Head + "    if: steps.b.ok\n");
        Assert.Equal(new AegisError("AEGIS1088", "c does not need b, so b may not have ended",
            "a step among its needs, near or far", "steps.b.ok", "add b to needs"),
            Assert.Single(result.Diagnostics).Error);
    }

    [Fact]
    public void Compile_UntrustedCommand_SaysToPassItByEnv()
    {
        var result = Compiling.Compile(Head + "    with: {cmd: '${{ steps.a.output }}'}\n");
        Assert.Equal(new AegisError("AEGIS1090",
            "steps.a.output may hold text that an outsider or a model wrote, and cmd is shell text",
            "values that nobody outside can choose", "steps.a.output",
            "pass it by env and let the program read the variable"),
            Assert.Single(result.Diagnostics).Error);
    }
}

namespace Aegis.Sandbox.Tests.Kinds;

[Collection("sandbox")]
public sealed class NamespaceTryTests(SandboxFixture sandbox)
{
    public static TheoryData<string> Names() => [.. WallTry.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Act_BehindTheWalls_DoesNotGetThrough_AndWithoutThemItDoes(string name)
    {
        var act = WallTry.All.Single(t => t.Name == name);
        await using var targets = await WallTargets.OpenAsync(sandbox.Launcher);
        var inside = await sandbox.RunAsync("sh", "-c", targets.Aim(act));
        Assert.NotEqual(0, inside.Exit);
        Assert.DoesNotContain("token", inside.Stdout, StringComparison.Ordinal);
        Assert.Equal(0, await targets.WithoutAsync(act));
    }
}

[Collection("container")]
[Trait("Category", "Slow")]
public sealed class ContainerTryTests(ContainerFixture container)
{
    [Theory]
    [MemberData(nameof(NamespaceTryTests.Names), MemberType = typeof(NamespaceTryTests))]
    public async Task Act_BehindTheWalls_DoesNotGetThrough_AndWithoutThemItDoes(string name)
    {
        var act = WallTry.All.Single(t => t.Name == name);
        await using var targets = await WallTargets.OpenAsync(container.Launcher);
        var inside = await container.RunAsync("sh", "-c", targets.Aim(act));
        Assert.NotEqual(0, inside.Exit);
        Assert.DoesNotContain("token", inside.Stdout, StringComparison.Ordinal);
        Assert.Equal(0, await targets.WithoutAsync(act));
    }
}

[Collection("microvm")]
[Trait("Category", "Slow")]
public sealed class MicrovmTryTests(MicrovmFixture vm)
{
    /// <summary>All of them in one machine: each would take a boot of its own.</summary>
    [Fact]
    public async Task Acts_InAMachine_DoNotGetThrough_AndWithoutItTheyDo()
    {
        await using var targets = await WallTargets.OpenAsync(vm.Launcher);
        var script = string.Join('\n', WallTry.All.Select((t, i) =>
            $"(cd /work; {targets.Aim(t)}) >/tmp/out 2>&1 && echo 'through: {t.Name}'; "
            + "grep -q token /tmp/out && echo leaked")) + "\necho end";
        var spec = MicrovmFixture.Spec("bash", "-c", script);
        var ran = await SandboxFixture.RunAsync(vm.Runner, spec with
        {
            // two races among them, on an emulated processor
            Limits = spec.Limits with { WallTimeMax = TimeSpan.FromMinutes(15) },
        });
        Assert.True(ran.Stdout == "end", $"{ran}");
        foreach (var act in WallTry.All)
        {
            Assert.True(await targets.WithoutAsync(act) == 0, act.Name);
        }
    }
}

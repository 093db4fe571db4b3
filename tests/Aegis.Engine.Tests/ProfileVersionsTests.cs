using Aegis.Engine.Node;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Tests;

/// <summary>A run that starts after a profile was stored has it, however reading and notices cross.</summary>
public sealed class ProfileVersionsTests
{
    private static readonly TenancyKeys Project = new(1, 2);
    private static readonly CancellationToken None = CancellationToken.None;
    private int stored = 1;
    private int reads;

    [Fact]
    public async Task Stored_IsKnownAtOnce_WithoutANotice()
    {
        var versions = Of();
        Assert.Equal(1, await versions.NewestAsync(Project, None));
        versions.Stored(Project, 2);
        Assert.Equal((2, 1), (await versions.NewestAsync(Project, None), reads));
        // the answers of two doors that cross
        versions.Stored(Project, 1);
        Assert.Equal(2, await versions.NewestAsync(Project, None));
    }

    [Fact]
    public async Task Notice_MakesItReadAgain_OfThatProjectAlone()
    {
        var versions = Of();
        await versions.NewestAsync(Project, None);
        await versions.NewestAsync(new TenancyKeys(1, 3), None);
        stored = 2;
        versions.Forget("1.2");
        Assert.Equal((2, 1), (await versions.NewestAsync(Project, None),
            await versions.NewestAsync(new TenancyKeys(1, 3), None)));
        versions.ForgetAll();
        Assert.Equal(2, await versions.NewestAsync(new TenancyKeys(1, 3), None));
    }

    [Fact]
    public async Task Notice_DuringARead_DoesNotLeaveTheOldVersionBehind()
    {
        var gate = new TaskCompletionSource();
        var versions = new ProfileVersions(async (_, _) =>
        {
            var read = stored;
            await gate.Task;
            return read;
        });
        var slow = versions.NewestAsync(Project, None);
        stored = 2;
        versions.Forget("1.2");
        gate.SetResult();
        Assert.Equal(1, await slow);
        Assert.Equal(2, await versions.NewestAsync(Project, None));
    }

    [Fact]
    public async Task Project_WithoutAProfile_HasNoVersion()
    {
        stored = 0;
        var versions = Of();
        Assert.Null(await versions.NewestAsync(Project, None));
        versions.Stored(Project, 1);
        Assert.Equal(1, await versions.NewestAsync(Project, None));
    }

    private ProfileVersions Of() => new((_, _) =>
    {
        reads++;
        return Task.FromResult(stored);
    });
}

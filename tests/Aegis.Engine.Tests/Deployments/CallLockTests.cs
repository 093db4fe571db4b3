using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Deployments;
using Aegis.Gate;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Deployments;

/// <summary>Calls that change the same thing come one at a time.</summary>
public sealed class CallLockTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Call_IsRefusedWhileAnotherHasIt_AndHasItThen()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var by = new Principal("key:a", EngineHost.Tenancy, []);
        var locks = new CallLocks(
            host.Node.OutsideLocks, ledger.Tenants, TimeProvider.System, waitSeconds: 0);
        var first = await locks.TakeAsync(by, "stack/net", "run_1.apply.1.1", default);
        var error = await Assert.ThrowsAsync<AegisException>(async () =>
            await locks.TakeAsync(by, "stack/net", "run_2.apply.1.1", default));
        Assert.Equal(("AEGIS2679", "held by run_1.apply.1.1"), (error.Error.Code, error.Error.Got));
        await using (await locks.TakeAsync(by, "stack/other", "run_2.apply.1.1", default))
        {
            Assert.False(first.Lost.IsCancellationRequested);
        }
        var patient = new CallLocks(host.Node.OutsideLocks, ledger.Tenants, TimeProvider.System);
        var waits = patient.TakeAsync(by, "stack/net", "run_3.apply.1.1", default).AsTask();
        await first.DisposeAsync();
        await (await waits).DisposeAsync();
        await (await locks.TakeAsync(by, "stack/net", "run_4.apply.1.1", default)).DisposeAsync();
    }
}

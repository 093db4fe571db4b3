using Aegis.Durability.Product;
using Aegis.Durability.Proxy;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Points;

/// <summary>The blow itself, and what brings its victim back.</summary>
internal sealed class Strike(Theatre theatre, Victim victim)
{
    /// <summary>What the struck server had started: none of it may outlive the recovery.</summary>
    public IReadOnlyList<ProcessName> Family { get; private set; } = [];

    public bool Done { get; private set; }

    /// <summary>Whether the server ended although only PostgreSQL or a connection was struck.</summary>
    public bool ServerFollowed { get; private set; }

    /// <returns>Whether the flush at hand goes its way.</returns>
    public bool Run()
    {
        Done = true;
        switch (victim)
        {
            case Victim.Server:
                Family = theatre.Server.Kill();
                return false;
            case Victim.Postgres:
                theatre.Cluster.Kill();
                return false;
            case Victim.Both:
                Family = theatre.Server.Kill();
                theatre.Cluster.Kill();
                return false;
            case Victim.Connections:
                theatre.Proxy.CutAll();
                return false;
            default:
                Family = ProcessTable.DescendantsOf(theatre.Server.Pid);
                theatre.Server.Signal(Posix.Terminate);
                return true;
        }
    }

    /// <summary>Starts again what is down.</summary>
    public async Task RecoverAsync()
    {
        if (victim is Victim.Postgres or Victim.Both)
        {
            await theatre.Cluster.StartAsync();
        }
        if (victim == Victim.ServerGently)
        {
            var code = await theatre.Server.EndAsync();
            if (code != 0)
            {
                throw new IOException($"the server ended with {code} after SIGTERM");
            }
        }
        if (!theatre.Server.Runs)
        {
            await theatre.StartServerAsync();
        }
    }

    /// <summary>A server that gave up by itself is started again, as a supervisor would.</summary>
    public async Task SuperviseAsync()
    {
        if (!theatre.Server.Runs)
        {
            ServerFollowed = true;
            await theatre.StartServerAsync();
        }
    }
}

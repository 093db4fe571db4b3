using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Agents.Tests")]
[assembly: InternalsVisibleTo("Aegis.Engine.Tests")]
[assembly: InternalsVisibleTo("Aegis.Gate.Tests")]
[assembly: InternalsVisibleTo("Aegis.Server.Tests")]

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Engine.Tests")]
[assembly: InternalsVisibleTo("Aegis.Gate.Tests")]
[assembly: InternalsVisibleTo("Aegis.Server.Tests")]

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Sandbox.Tests")]
[assembly: InternalsVisibleTo("Aegis.Server.Tests")]

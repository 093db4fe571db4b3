using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Gate.Tests")]

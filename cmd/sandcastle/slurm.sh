#!/bin/sh
# A sweep as an array of tasks on a Slurm cluster, one processor each:
#
#   sbatch --array=1-64 cmd/sandcastle/slurm.sh leader-failover --seeds 1..100000
#
# Each task plays its shard, by SLURM_ARRAY_TASK_ID, into out/SCENARIO/sweep-I-of-N of the directory where
# sbatch was called, which all nodes see. A task that was lost goes on where it stopped: scontrol requeue
# JOB_TASK (Slurm does so by itself when a node fails). When all are done:
#
#   sandcastle sweep merge out/replication/leader-failover/sweep-*-of-64 --out out/replication/leader-failover/sweep
#
# SANDCASTLE is the program, if it is not on the nodes' path. Exit code 1 of a task means that a claim did not hold.
#SBATCH --job-name=sandcastle
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=sandcastle-%A_%a.log
exec "${SANDCASTLE:-sandcastle}" sweep "$@" --shard auto --jobs "${SLURM_CPUS_PER_TASK:-1}"
